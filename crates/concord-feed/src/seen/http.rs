//! `/metrics`, `/health` and `/ready`, for machines that ask.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::Seen;

/// So many askers are answered at the same time, each for a short time.
const ASKERS: usize = 32;
const LONGEST: Duration = Duration::from_secs(10);

/// Answers for ever.
pub(crate) async fn serve(listener: TcpListener, seen: Arc<Seen>) {
    let askers = Arc::new(Semaphore::new(ASKERS));
    loop {
        let Ok(permit) = Arc::clone(&askers).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let seen = Arc::clone(&seen);
        tokio::spawn(async move {
            let answer = service_fn(|request: Request<Incoming>| {
                let response = answer(&request, &seen);
                async move { Ok::<_, Infallible>(response) }
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
            // Whether an asker stayed to the end concerns nobody.
            let _ = tokio::time::timeout(LONGEST, connection).await;
            drop(permit);
        });
    }
}

fn answer(request: &Request<Incoming>, seen: &Seen) -> Response<Full<Bytes>> {
    let plain = "text/plain; charset=utf-8";
    let (status, kind, text) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/metrics") => (
            StatusCode::OK,
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            seen.text(),
        ),
        (&Method::GET, "/health") => (StatusCode::OK, plain, "running\n".to_owned()),
        (&Method::GET, "/ready") if seen.ready() => (StatusCode::OK, plain, "ready\n".to_owned()),
        (&Method::GET, "/ready") => {
            let text = "not ready: messages cannot be stored\n".to_owned();
            (StatusCode::SERVICE_UNAVAILABLE, plain, text)
        }
        _ => (StatusCode::NOT_FOUND, plain, "not found\n".to_owned()),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let kind = hyper::header::HeaderValue::from_static(kind);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
