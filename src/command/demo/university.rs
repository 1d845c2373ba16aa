//! North University: a second Usher beside the portal, at an address of its own. The portal's users
//! may sign in there; to the portal it is an OpenID provider like any other.

use std::{net::SocketAddr, path::Path};

use tokio::task::JoinHandle;

use crate::{
    app::App,
    chance::Chance,
    clock::Clock,
    command::serve,
    config::Config,
    error::Result,
    id::{Artefact, Bearer},
};

/// Its loopback address.
pub const HOST: [u8; 4] = [127, 0, 0, 51];

/// What the portal must know about it.
pub struct University {
    secret: String,
    portal: String,
    address: SocketAddr,
}

impl University {
    pub fn new(portal: &str, port: u16, chance: &Chance) -> Self {
        Self {
            secret: Bearer::mint(Artefact::Browser, chance).as_str().to_owned(),
            portal: portal.to_owned(),
            address: SocketAddr::from((HOST, port)),
        }
    }

    /// The portal's provider for it, in the syntax of a seed.
    pub fn provider(&self) -> String {
        format!(
            "\n[[provider]]\nslug = \"university\"\nkind = \"oidc\"\n\
             title = \"North University\"\ndomains = [\"north.example\"]\n\
             [provider.map]\nmail = \"email\"\nlogin = \"preferred_username\"\nname = \"name\"\n\
             groups = \"groups\"\nregion = {{ constant = \"europe\" }}\n\
             [provider.settings]\nissuer = \"http://{}\"\nclient_id = \"portal\"\n\
             client_secret = \"{}\"\nscopes = [\"openid\", \"profile\", \"email\", \"groups\"]\n",
            self.address, self.secret
        )
    }

    /// Starts it; it ends with the portal.
    pub async fn open(
        &self,
        mut config: Config,
        dir: &Path,
        password: &str,
    ) -> Result<JoinHandle<Result<()>>> {
        let dir = dir.join("university");
        config.server.listen = self.address;
        config.server.public_url = format!("http://{}", self.address);
        config.portal.name = "North University".to_owned();
        config.database.url = format!("sqlite:{}?mode=rwc", dir.join("usher.db").display());
        config.data.dir = dir;
        let app = App::open(config, Clock::system(), Chance::system()).await?;
        let seed = include_str!("university.toml")
            .replace("{PASSWORD}", password)
            .replace("{PORTAL}", &self.portal)
            .replace("{SECRET}", &self.secret);
        app.seed(&seed).await?;
        let listener = serve::bind(&app).await?;
        // The portal of the demo is in the same process, and logs that it stops.
        let stopped = serve::signalled();
        Ok(tokio::spawn(serve::until_stopped(app, listener, stopped)))
    }
}
