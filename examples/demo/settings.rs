//! The command line both applications share. A real application would read the
//! same values from its configuration: they are what its administrator receives
//! from the portal's administrator, and nothing else ties the two together.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};
use openidconnect::{ClientId, ClientSecret, IssuerUrl};

use super::site::Site;

/// Who this instance is and which portal it trusts.
#[derive(Args)]
pub struct Settings {
    /// Address and port to listen on.
    #[arg(long)]
    pub listen: SocketAddr,
    /// This application's address as a browser sees it: scheme, host and port only.
    #[arg(long, value_name = "URL")]
    pub public_url: Site,
    /// The one issuer whose sign-ins are accepted, exactly as its discovery document spells it.
    #[arg(long, value_name = "URL", value_parser = issuer)]
    pub issuer: IssuerUrl,
    /// The client id the portal registered for this instance.
    #[arg(long)]
    pub client_id: String,
    /// The client secret itself; visible to all who can list processes, so only for trying out.
    #[arg(
        long,
        value_name = "SECRET",
        required_unless_present = "client_secret_env"
    )]
    client_secret: Option<String>,
    /// Name of the environment variable that holds the client secret.
    #[arg(long, value_name = "NAME", conflicts_with = "client_secret")]
    client_secret_env: Option<String>,
    /// Name shown on every page.
    #[arg(long)]
    pub title: String,
    /// Which region's records this instance holds.
    #[arg(long, value_enum)]
    pub region: Region,
}

/// The two regions of the demo: the same keys, different data.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Region {
    Europe,
    Americas,
}

impl Settings {
    pub fn client_id(&self) -> ClientId {
        ClientId::new(self.client_id.clone())
    }

    /// The secret, or a sentence that says which variable lacks it.
    pub fn client_secret(&self) -> Result<ClientSecret, String> {
        let secret = match (&self.client_secret, &self.client_secret_env) {
            (Some(secret), _) => secret.clone(),
            (None, Some(name)) => from_environment(name)?,
            (None, None) => String::new(),
        };
        if secret.is_empty() {
            return Err("the client secret is empty".to_owned());
        }
        Ok(ClientSecret::new(secret))
    }
}

impl Region {
    /// For users.
    pub fn name(self) -> &'static str {
        match self {
            Region::Europe => "Europe",
            Region::Americas => "Americas",
        }
    }

    /// For style sheets and tests.
    pub fn slug(self) -> &'static str {
        match self {
            Region::Europe => "europe",
            Region::Americas => "americas",
        }
    }

    /// The one of two values that belongs to this region.
    pub fn pick<T>(self, europe: T, americas: T) -> T {
        match self {
            Region::Europe => europe,
            Region::Americas => americas,
        }
    }
}

fn issuer(text: &str) -> Result<IssuerUrl, String> {
    IssuerUrl::new(text.to_owned()).map_err(|error| error.to_string())
}

fn from_environment(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("the environment variable {name} is not set"))
}
