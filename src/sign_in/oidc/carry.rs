//! openidconnect's requests, carried by [`Net`].

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use thiserror::Error;
use url::Url;

use crate::{
    kind::BoxFuture,
    net::{Method, Net, Request},
};

/// Why the provider did not answer as it should; a sentence for the log.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct Away(pub String);

/// Takes requests there and brings answers back.
pub struct Courier<'a>(pub &'a Net);

impl<'c> AsyncHttpClient<'c> for Courier<'_> {
    type Error = Away;
    type Future = BoxFuture<'c, Result<HttpResponse, Away>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(carry(self.0, request))
    }
}

/// One request. A server's own fault (5xx) is no answer, whatever its page says.
async fn carry(net: &Net, request: HttpRequest) -> Result<HttpResponse, Away> {
    let reply = net
        .send(ours(request)?)
        .await
        .map_err(|error| Away(error.to_string()))?;
    if reply.status >= 500 {
        return Err(Away(format!("it answered {}", reply.status)));
    }
    let mut answer = http::Response::builder().status(reply.status);
    if let Some(kind) = reply.header("content-type") {
        answer = answer.header(http::header::CONTENT_TYPE, kind);
    }
    answer
        .body(reply.body)
        .map_err(|_| Away("its answer is not HTTP".to_owned()))
}

fn ours(request: HttpRequest) -> Result<Request, Away> {
    let (head, body) = request.into_parts();
    let unusable = |_| Away("its address is not a URL".to_owned());
    let url = Url::parse(&head.uri.to_string()).map_err(unusable)?;
    let method = match head.method {
        http::Method::POST => Method::Post,
        _ => Method::Get,
    };
    let headers = head.headers.iter().filter_map(|(name, value)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    });
    Ok(Request {
        method,
        url,
        headers: headers.collect(),
        body,
    })
}
