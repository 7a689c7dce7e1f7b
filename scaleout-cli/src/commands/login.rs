//! `soctl login`.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use scaleout_core::certificates::PrivateKey;
use scaleout_core::client::{Credentials, Endpoint, Identity, MasterTrust, log_in};
use scaleout_core::protocol::login::LoginReply;
use serde_json::json;

use crate::args::GlobalArgs;
use crate::context::{Context, Contexts, same_address};
use crate::error::{CliError, CommandError, file_error};
use crate::output::{Outcome, Report};
use crate::password::PasswordOptions;
use crate::service_folder::read_certificate;

/// Log in to a master, and remember it as a context
///
/// The password is asked for, or read from a file or stdin. The master is that of `--master`, of the
/// context of that name, or of the current one; a new one needs the thumbprint or the certificate
/// by which it is known. The token goes into the file of contexts, which only you can read; it ends
/// after 12 hours, or when you log out.
///
/// Examples:
///   soctl login --login anna
///   soctl login --login anna --master https://etl.example:8391 \
///     --master-cert SSISScaleOutMaster.cer --context production
///   soctl login --login ci --password-file ci.password --valid-hours 1
///   soctl login --certificate anna.cer --key anna.key
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub struct LoginArgs {
    /// Name of the login; that of the context if absent
    #[arg(long, value_name = "NAME", conflicts_with = "certificate")]
    login: Option<String>,
    /// Where the password comes from.
    #[command(flatten)]
    password: PasswordOptions,
    /// Client certificate to log in with instead of a password
    #[arg(
        long,
        value_name = "FILE",
        requires = "key",
        conflicts_with = "password_file"
    )]
    certificate: Option<PathBuf>,
    /// Private key of that certificate, in PEM form
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// SHA-256 thumbprint of the master's certificate
    #[arg(long, value_name = "HEX", env = "SOCTL_THUMBPRINT")]
    thumbprint: Option<String>,
    /// The master's certificate, instead of its thumbprint
    #[arg(long, value_name = "FILE", conflicts_with = "thumbprint")]
    master_cert: Option<PathBuf>,
    /// For how many hours the token is to be good, at most 720
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=720))]
    valid_hours: Option<u32>,
}

/// Gets a token and writes the context.
///
/// # Errors
/// The master is not known or refuses, or a file cannot be read or written.
pub async fn run(args: LoginArgs, global: &GlobalArgs) -> Result<Outcome, CliError> {
    let contexts = Contexts::load()?;
    let known = contexts
        .chosen(global)
        .and_then(|name| contexts.contexts.get(name))
        // A context that names another master is about to be replaced.
        .filter(|one| {
            let asked = global.master.as_ref();
            asked.is_none_or(|asked| same_address(&one.master, asked))
        });
    let master = match (&global.master, known) {
        (Some(master), _) => master.clone(),
        (None, Some(known)) => known.master.clone(),
        (None, None) => return Err(CommandError::NoMaster.into()),
    };
    let endpoint: Endpoint = master.parse()?;
    let thumbprint = thumbprint(&args, known, &master)?;
    let trust = MasterTrust::Thumbprint(thumbprint.parse()?);
    let credentials = credentials(&args, known)?;
    let seconds = args.valid_hours.map(|hours| hours * 3600);
    let done = log_in(&master, &trust, &credentials, seconds).await?;
    let name = name_of(global, &contexts, &done, &endpoint);
    let context = Context {
        master: endpoint.to_string(),
        thumbprint,
        token: done.token.clone(),
        login: Some(done.login.clone()),
        expires: Some(done.expires),
    };
    let file = Contexts::remember(&name, context)?;
    let line = format!(
        "logged in to {endpoint} as `{}` until {}; context `{name}` in {}",
        done.login,
        shown(done.expires),
        file.display()
    );
    let result = json!({
        "login": done.login,
        "master": endpoint.to_string(),
        "context": name,
        "expires": done.expires,
    });
    Ok(Outcome::new(&result, Report::lines([line])))
}

fn shown(time: Timestamp) -> String {
    crate::output::local_time(time)
}

fn thumbprint(args: &LoginArgs, known: Option<&Context>, master: &str) -> Result<String, CliError> {
    if let Some(file) = &args.master_cert {
        let certificate = read_certificate(file)?;
        return Ok(certificate.thumbprint_sha256().as_str().to_owned());
    }
    let given = args.thumbprint.clone();
    let found = given.or_else(|| known.map(|known| known.thumbprint.clone()));
    Ok(found.ok_or_else(|| CommandError::Argument {
        message: format!("nothing is known about the certificate of the master `{master}`"),
        hint: "give it with `--master-cert FILE` (`SSISScaleOutMaster.cer` of its folder), or its \
               SHA-256 with `--thumbprint`, which the master says when it starts"
            .to_owned(),
    })?)
}

fn credentials(args: &LoginArgs, known: Option<&Context>) -> Result<Credentials, CliError> {
    if let (Some(certificate), Some(key)) = (&args.certificate, &args.key) {
        let text = std::fs::read_to_string(key).map_err(file_error("read", key))?;
        return Ok(Credentials::Certificate(Box::new(Identity {
            certificate: read_certificate(certificate)?,
            key: PrivateKey::from_pem(&text)?,
        })));
    }
    let remembered = known.and_then(|known| known.login.clone());
    let Some(name) = args.login.clone().or(remembered) else {
        return Err(CommandError::Argument {
            message: "it is not said as whom to log in".to_owned(),
            hint: "add `--login NAME`, or `--certificate` with `--key`".to_owned(),
        }
        .into());
    };
    let password = args.password.read(&format!("login `{name}`"))?;
    Ok(Credentials::Password { name, password })
}

/// The context asked for, else the one of this master and login, else a new one for both.
fn name_of(
    global: &GlobalArgs,
    contexts: &Contexts,
    done: &LoginReply,
    endpoint: &Endpoint,
) -> String {
    if let Some(name) = &global.context {
        return name.clone();
    }
    let same = contexts.contexts.iter().find(|(_, one)| {
        same_address(&one.master, &endpoint.to_string())
            && one.login.as_ref().is_some_and(|login| *login == done.login)
            && one.expires.is_some()
    });
    match same {
        Some((name, _)) => name.clone(),
        None => format!("{}@{}:{}", done.login, endpoint.host(), endpoint.port()),
    }
}
