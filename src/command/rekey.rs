//! `usher rekey`: encrypts all sealed data with another master key.

use std::path::PathBuf;

use clap::Args;
use zeroize::Zeroizing;

use super::counted;
use crate::{
    app,
    chance::Chance,
    clock::Clock,
    config::{Config, first_line},
    error::{Error, Result},
    event::Events,
    keys::{Resealed, Seal, rekey},
    model::event::{Actor, EventKind},
};

#[derive(Args)]
pub struct RekeyOptions {
    /// File with the new key (32 bytes, base64, in the first line); or set `keys.new_master`.
    #[arg(long, value_name = "FILE")]
    new_master_key_file: Option<PathBuf>,
}

/// Re-encrypts everything, and prints what to do next.
pub async fn run(config: Config, options: RekeyOptions) -> Result<()> {
    let chance = Chance::system();
    let new = new_key(&config, &options)?;
    let new = Seal::open(&new, chance.clone())?;
    let old = app::master_key(&config, &chance)?.ok_or_else(|| no_old_key(&config))?;
    if new.is_same(&old)? {
        return Err(refused("the new master key is the current one"));
    }
    let store = app::open_store(&config).await?;
    if !store.pending_migrations().await?.is_empty() {
        return Err(refused("the database needs `usher migrate` first"));
    }
    let events = Events::new(Clock::system(), chance);
    let audit_event = |values: usize| {
        let event = events.by(Actor::Command, EventKind::MasterKeyChanged);
        event.with("count", values.to_string())
    };
    let done = rekey(&store, &old, &new, audit_event).await;
    store.close().await;
    report(&done?);
    advise(&config, &options);
    Ok(())
}

fn new_key(config: &Config, options: &RekeyOptions) -> Result<Zeroizing<String>> {
    let configured = &config.keys.new_master;
    match (&options.new_master_key_file, configured.is_empty()) {
        (Some(file), true) => first_line(&file.to_string_lossy()).map(Zeroizing::new),
        (None, false) => Ok(configured.clone()),
        (Some(_), false) => Err(refused(
            "the new master key is given twice: as a file and as keys.new_master",
        )),
        (None, true) => Err(refused(
            "there is no new master key: `openssl rand -base64 32 > FILE` creates one; give it \
             with --new-master-key-file FILE, USHER_KEYS__NEW_MASTER_FILE or USHER_KEYS__NEW_MASTER",
        )),
    }
}

fn no_old_key(config: &Config) -> Error {
    let path = app::master_file(config);
    refused(&format!(
        "there is no current master key: neither keys.master nor {}",
        path.display()
    ))
}

fn report(done: &[Resealed]) {
    for one in done.iter().filter(|one| one.resealed > 0) {
        print_line!("re-encrypted: {:>4} {}", one.resealed, one.what);
    }
    let already: usize = done.iter().map(|one| one.already).sum();
    if already > 0 {
        print_line!(
            "already encrypted with the new key: {}",
            counted(already, "value")
        );
    }
    if done.iter().all(|one| one.resealed == 0) {
        print_line!("nothing to do");
    }
}

fn advise(config: &Config, options: &RekeyOptions) {
    print_line!();
    print_line!("From now on this database needs the new master key:");
    if config.keys.master.is_empty() {
        let path = app::master_file(config);
        let file = options.new_master_key_file.as_ref();
        let file = file.map_or("FILE".into(), |file| file.to_string_lossy());
        print_line!("  1. keep the old key, and put the new one in its place:");
        print_line!("       mv {0} {0}.old", path.display());
        print_line!("       install -m 600 {file} {}", path.display());
    } else {
        print_line!("  1. set keys.master (or master_file, USHER_KEYS__MASTER, …) to the new key,");
        print_line!("     on every replica");
    }
    print_line!("  2. start the portal; one that was running stops by itself");
    print_line!(
        "  3. run `usher check`; if a portal was still running and it names values that cannot"
    );
    print_line!("     be decrypted, run this command again exactly as now");
    print_line!("Earlier backups need the old key: keep it as long as you keep them.");
}

fn refused(why: &str) -> Error {
    Error::Invalid(why.to_owned())
}
