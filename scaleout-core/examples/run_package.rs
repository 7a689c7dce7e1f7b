//! Connects to a master, deploys a project, runs one of its packages and follows it to its end.
//!
//! `cargo run -p scaleout-core --features client --example run_package -- \
//!     https://localhost:8391 THUMBPRINT TOKEN sample.ispac package1.dtsx`

use std::error::Error;

use scaleout_core::client::{Client, ClientOptions, MasterTrust, NewExecution, Progress, Secret};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [master, thumbprint, token, ispac, package] = arguments.as_slice() else {
        return Err("usage: run_package MASTER THUMBPRINT TOKEN FILE.ispac PACKAGE.dtsx".into());
    };
    let client = Client::new(ClientOptions {
        master: master.clone(),
        trust: MasterTrust::Thumbprint(thumbprint.parse()?),
        token: Some(Secret::new(token)),
    })?;
    client.ensure_folder("sdk").await?;
    let project = ispac.trim_end_matches(".ispac");
    let file = std::fs::read(ispac)?;
    client.deploy_project("sdk", project, &file).await?;
    let new = NewExecution::new("sdk", project, package);
    let id = client.create_execution(&new).await?;
    client.start_execution(id, 0).await?;
    let mut follow = client.follow(id, 0);
    while let Some(progress) = follow.next().await? {
        match progress {
            Progress::Status(execution) => eprintln!("{}", execution.status.as_str()),
            Progress::Message(message) => eprintln!("{}", message.message),
        }
    }
    Ok(())
}
