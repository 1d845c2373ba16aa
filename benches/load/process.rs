//! The server as a process of its own: started, stopped, and asked by `/proc` what it took.

use std::{
    fs,
    io::Read as _,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use crate::{Result, http::Connection};

/// What a portal is started with, again and again.
pub struct Portal {
    pub port: u16,
    home: PathBuf,
    database: String,
}

/// A program that ends with the value.
pub struct Running {
    child: Child,
}

/// How long a start took: to the first sign of life, and to the first sign-in page.
#[derive(Clone, Copy)]
pub struct Start {
    pub alive: Duration,
    pub page: Duration,
}

/// `proc(5)` counts CPU time in these (`USER_HZ`, a hundred a second on every Linux).
const TICK_MS: f64 = 10.0;

impl Portal {
    /// With its files in `home`; an empty `database` is SQLite's, in there too.
    pub fn new(home: PathBuf, database: String) -> Result<Self> {
        Ok(Self {
            port: free_port()?,
            home,
            database,
        })
    }

    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn database_url(&self) -> String {
        if self.database.is_empty() {
            format!("sqlite:{}", self.home.join("data/usher.db").display())
        } else {
            self.database.clone()
        }
    }

    fn command(&self, word: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_usher"));
        // The throttle is not what is measured: a user signs in a thousand times.
        command
            .env_clear()
            .env("USHER_SERVER__LISTEN", format!("127.0.0.1:{}", self.port))
            .env("USHER_SERVER__PUBLIC_URL", self.origin())
            .env("USHER_DATA__DIR", self.home.join("data"))
            .env("USHER_DATABASE__URL", &self.database)
            .env("USHER_SIGN_IN__FAILURES_PER_ACCOUNT", "1000000")
            .env("USHER_SIGN_IN__FAILURES_PER_ADDRESS", "1000000")
            .env("USHER_SERVER__ANONYMOUS_WRITES_PER_SECOND", "1000000")
            .env("USHER_SERVER__ANONYMOUS_WRITES_BURST", "1000000")
            // A user signs in over and over here; none of it ends the sessions that visit.
            .env("USHER_SESSION__MOST_PER_PERSON", "1000")
            .env("USHER_SERVER__TRUSTED_PROXIES", "127.0.0.1")
            .env("USHER_NET__ALLOW", "127.0.0.1")
            .env("USHER_LOG__FILTER", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .arg(word);
        command
    }

    pub fn seed(&self, catalogue: &str) -> Result<()> {
        let file = self.home.join("seed.toml");
        fs::write(&file, catalogue).map_err(|error| error.to_string())?;
        let output = self.command("seed").arg(&file).output();
        let output = output.map_err(|error| format!("usher seed: {error}"))?;
        if output.status.success() {
            Ok(())
        } else {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(format!("usher seed: {said}"))
        }
    }

    /// Starts it, and waits until it answers and shows a page.
    pub async fn serve(&self) -> Result<(Running, Start)> {
        let began = Instant::now();
        let mut running = Running::start(&mut self.command("serve"))?;
        let mut connection = running.wait_for(self.port).await?;
        let host = format!("Host: 127.0.0.1:{}\r\n", self.port);
        let get = |target: &str, more: &str| format!("GET {target} HTTP/1.1\r\n{host}{more}\r\n");

        let answer = connection.ask(&get("/health/live", "")).await?;
        if answer.expect(200, "/health/live")?.body != b"ok" {
            return Err("/health/live does not say \"ok\"".to_owned());
        }
        let alive = began.elapsed();
        let answer = connection.ask(&get("/sign-in", "")).await?;
        let answer = answer.expect(303, "/sign-in")?;
        let browser = answer.cookie("usher-browser").unwrap_or_default();
        let cookie = format!("Cookie: usher-browser={browser}\r\n");
        let form = get(answer.location()?, &cookie);
        let answer = connection.ask(&form).await?.expect(200, "sign-in page")?;
        if !answer.text()?.contains("name=\"password\"") {
            return Err("the sign-in page asks for no password".to_owned());
        }
        let page = began.elapsed();
        Ok((running, Start { alive, page }))
    }
}

impl Running {
    pub fn start(command: &mut Command) -> Result<Self> {
        let child = command.spawn();
        let child = child.map_err(|error| format!("{command:?}: {error}"))?;
        Ok(Self { child })
    }

    /// The first connection it takes.
    pub async fn wait_for(&mut self, port: u16) -> Result<Connection> {
        for _ in 0..10_000 {
            if let Ok(connection) = Connection::open(port).await {
                return Ok(connection);
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("the server ended at its start: {status}"));
            }
            sleep(Duration::from_millis(1)).await;
        }
        Err("the server does not answer".to_owned())
    }

    /// CPU time so far, of all its threads, in milliseconds.
    pub fn cpu_ms(&self) -> Result<f64> {
        cpu_ms(&self.child.id().to_string())
    }

    /// Resident memory now, in MB.
    pub fn resident_mb(&self) -> Result<f64> {
        self.status("VmRSS:")
    }

    /// The most resident memory so far, in MB.
    pub fn peak_mb(&self) -> Result<f64> {
        self.status("VmHWM:")
    }

    fn status(&self, line: &str) -> Result<f64> {
        let text = read(&format!("/proc/{}/status", self.child.id()))?;
        let kilobytes = text
            .lines()
            .find_map(|found| found.strip_prefix(line))
            .and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
        let kilobytes = kilobytes.ok_or_else(|| format!("no {line} in its status"))?;
        Ok(kilobytes / 1024.0)
    }

    /// Asks it to stop, and waits until it has.
    pub async fn stop(mut self) -> Result<()> {
        let mut ask = Command::new("kill");
        // It is our own child, not yet waited for, so the process id cannot have been reused.
        ask.args(["-TERM", &self.child.id().to_string()]);
        ask.status().map_err(|error| format!("kill: {error}"))?;
        for _ in 0..1_000 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return Ok(());
            }
            sleep(Duration::from_millis(10)).await;
        }
        Err("the server does not stop on SIGTERM".to_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// CPU time of this process so far, in milliseconds.
pub fn own_cpu_ms() -> Result<f64> {
    cpu_ms("self")
}

fn cpu_ms(process: &str) -> Result<f64> {
    let text = read(&format!("/proc/{process}/stat"))?;
    // The name, in parentheses, may hold anything; user and system time are fields 14 and 15.
    let ticks = text.rsplit_once(')').and_then(|(_, rest)| {
        let mut fields = rest.split_whitespace().skip(11);
        let mut next = || fields.next()?.parse::<f64>().ok();
        Some(next()? + next()?)
    });
    Ok(ticks.ok_or("no times in its stat")? * TICK_MS)
}

fn read(path: &str) -> Result<String> {
    let mut text = String::new();
    fs::File::open(path)
        .and_then(|mut file| file.read_to_string(&mut text))
        .map_err(|error| format!("{path}: {error}"))?;
    Ok(text)
}

pub fn free_port() -> Result<u16> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| error.to_string())
}
