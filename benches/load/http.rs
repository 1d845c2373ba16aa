//! HTTP/1.1 over one kept connection, as far as the load generator needs it: it shares the machine
//! with the server it measures.

use std::{io::ErrorKind, time::Duration};

use tokio::{net::TcpStream, time::timeout};

use crate::Result;

/// A connection with one request at a time.
pub struct Connection {
    stream: TcpStream,
    packet: Box<[u8]>,
    received: Vec<u8>,
    body: Vec<u8>,
}

/// An answer, read whole.
pub struct Answer<'a> {
    pub status: u16,
    head: &'a str,
    pub body: &'a [u8],
}

/// No answer takes longer; the portal itself gives up after ten seconds.
const PATIENCE: Duration = Duration::from_secs(15);

impl Connection {
    pub async fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))
            .await
            .map_err(|error| format!("no connection: {error}"))?;
        stream.set_nodelay(true).map_err(lost)?;
        Ok(Self {
            stream,
            packet: vec![0; 64 * 1024].into(),
            received: Vec::new(),
            body: Vec::new(),
        })
    }

    /// Sends a request, written out, and reads its answer.
    pub async fn ask(&mut self, request: &str) -> Result<Answer<'_>> {
        match timeout(PATIENCE, self.exchange(request.as_bytes())).await {
            Ok(Ok((status, head_end))) => self.answer(status, head_end),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(format!("no answer in {PATIENCE:?}")),
        }
    }

    fn answer(&self, status: u16, head_end: usize) -> Result<Answer<'_>> {
        let head = std::str::from_utf8(&self.received[..head_end])
            .map_err(|_| "a head that is no text".to_owned())?;
        Ok(Answer {
            status,
            head,
            body: &self.body,
        })
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<(u16, usize)> {
        self.send(request).await?;
        self.received.clear();
        self.body.clear();
        let head_end = loop {
            self.receive().await?;
            if let Some(end) = find(&self.received, b"\r\n\r\n") {
                break end + 2;
            }
        };
        let (status, framing) = read_head(&self.received[..head_end])?;
        let body = head_end + 2;
        match framing {
            Framing::Length(length) => {
                while self.received.len() < body + length {
                    self.receive().await?;
                }
                self.body.extend_from_slice(&self.received[body..]);
            }
            Framing::Chunks => self.read_chunks(body).await?,
        }
        Ok((status, head_end))
    }

    async fn read_chunks(&mut self, mut at: usize) -> Result<()> {
        loop {
            let Some(line) = find(&self.received[at..], b"\r\n") else {
                self.receive().await?;
                continue;
            };
            let size = std::str::from_utf8(&self.received[at..at + line]).unwrap_or_default();
            let size = usize::from_str_radix(size, 16).map_err(|_| "a bad chunk".to_owned())?;
            let start = at + line + 2;
            while self.received.len() < start + size + 2 {
                self.receive().await?;
            }
            if size == 0 {
                return Ok(());
            }
            self.body
                .extend_from_slice(&self.received[start..start + size]);
            at = start + size + 2;
        }
    }

    async fn send(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            match self.stream.try_write(bytes) {
                Ok(sent) => bytes = &bytes[sent..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.stream.writable().await.map_err(lost)?;
                }
                Err(error) => return Err(lost(error)),
            }
        }
        Ok(())
    }

    async fn receive(&mut self) -> Result<()> {
        loop {
            self.stream.readable().await.map_err(lost)?;
            match self.stream.try_read(&mut self.packet) {
                Ok(0) => return Err("the connection ended before the answer".to_owned()),
                Ok(size) => {
                    self.received.extend_from_slice(&self.packet[..size]);
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(lost(error)),
            }
        }
    }
}

impl<'a> Answer<'a> {
    /// The first header of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers(name).next()
    }

    pub fn headers(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.head.lines().skip(1).filter_map(move |line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn text(&self) -> Result<&'a str> {
        std::str::from_utf8(self.body).map_err(|_| "a body that is no text".to_owned())
    }

    /// The answer, if it has this status; else an error with its status.
    pub fn expect(self, status: u16, what: &str) -> Result<Self> {
        if self.status == status {
            return Ok(self);
        }
        let body = String::from_utf8_lossy(&self.body[..self.body.len().min(2000)]);
        Err(format!(
            "{what}: {} instead of {status}\n{body}",
            self.status
        ))
    }

    /// Where a redirect leads.
    pub fn location(&self) -> Result<&'a str> {
        self.header("location")
            .ok_or_else(|| "a redirect to nowhere".to_owned())
    }

    /// The value of a cookie that is set.
    pub fn cookie(&self, name: &str) -> Option<&'a str> {
        self.headers("set-cookie").find_map(|line| {
            let (known, value) = line.split(';').next()?.split_once('=')?;
            (known == name).then_some(value)
        })
    }
}

enum Framing {
    Length(usize),
    Chunks,
}

fn read_head(head: &[u8]) -> Result<(u16, Framing)> {
    let head = std::str::from_utf8(head).map_err(|_| "a head that is no text".to_owned())?;
    let status = head.get(9..12).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| "no status".to_owned())?;
    let answer = Answer {
        status,
        head,
        body: &[],
    };
    let framing = match answer.header("content-length") {
        Some(length) => Framing::Length(length.parse().map_err(|_| "a bad length".to_owned())?),
        None if answer.header("transfer-encoding").is_some() => Framing::Chunks,
        None => Framing::Length(0),
    };
    Ok((status, framing))
}

/// Where `wanted` begins.
pub fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|part| part == wanted)
}

fn lost(error: std::io::Error) -> String {
    format!("the connection is lost: {error}")
}
