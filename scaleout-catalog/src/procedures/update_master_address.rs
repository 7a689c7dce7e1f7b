//! `catalog.update_master_address`

use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::{Call, done};
use crate::error::CatalogError;
use crate::store::properties;

/// Sets the address under which workers reach the master, for good.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let address = args.text("@MasterAddress").trim().to_owned();
    if !is_address(&address) {
        return Err(CatalogError::ValueNotValid {
            name: "@MasterAddress".into(),
            reason: "it is no address of a master".into(),
            form: "it like `https://host:port`, such as `https://master.example.org:8391`",
        });
    }
    cx.write(move |session| {
        Box::pin(async move {
            properties::choose(session, properties::MASTER_ADDRESS, &address).await?;
            Ok(done())
        })
    })
    .await
}

fn is_address(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("https://") else {
        return false;
    };
    match rest.trim_end_matches('/').rsplit_once(':') {
        Some((host, port)) => {
            !host.is_empty()
                && !host.contains(['/', ' '])
                && port.parse::<u16>().is_ok_and(|port| port > 0)
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_with_host_and_port() {
        for good in [
            "https://master:8391",
            "https://10.0.0.1:1/",
            "https://[::1]:8391",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "http://master:8391",
            "https://master",
            "https://:8391",
            "https://a b:1",
            "https://m:0",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
