//! Outgoing HTTP: the few calls an application makes to the portal, as the
//! `openidconnect` crate wants them. Redirects are never followed (an answer from
//! another address is not the portal's), every call has a time limit, and an
//! answer that is too long is cut off rather than read into memory.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use reqwest::redirect::Policy;

const TIME_LIMIT: Duration = Duration::from_secs(5);
const SIZE_LIMIT: usize = 256 * 1024;

/// The application's HTTP client.
#[derive(Clone)]
pub struct Net(reqwest::Client);

/// Why a call brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("the call failed: {0}")]
    Call(#[from] reqwest::Error),
    #[error("the portal is in trouble: {0}")]
    Status(http::StatusCode),
    #[error("the answer is longer than {SIZE_LIMIT} bytes")]
    TooLong,
    #[error("the answer makes no sense: {0}")]
    Answer(#[from] http::Error),
}

impl Net {
    pub fn open() -> Result<Self, Failure> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(TIME_LIMIT)
            .no_proxy()
            .build()?;
        Ok(Self(client))
    }

    /// Sends one request and reads the whole, bounded answer. A server error (5xx) is no answer:
    /// OAuth refuses with a 4xx, so the request may be tried again.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Failure> {
        let mut answer = self.0.execute(request.try_into()?).await?;
        if answer.status().is_server_error() {
            return Err(Failure::Status(answer.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > SIZE_LIMIT {
                return Err(Failure::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = http::Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            *headers = answer.headers().clone();
        }
        Ok(response.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Net {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Failure>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
