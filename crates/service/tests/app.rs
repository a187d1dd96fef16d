//! What every service does for every request, on a real port.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

use axum::Router;
use axum::routing::{get, post};
use serde_json::Value;
use service::{
    ApiError, App, Caller, CommonConfig, Drain, InternalAuth, Json, Limits, Multipart, Secret,
};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const SECRET: &str = "a-secret-of-some-length";

struct Running {
    addr: std::net::SocketAddr,
    drain: Drain,
    serving: tokio::task::JoinHandle<()>,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn code(&self) -> String {
        let error: Value = serde_json::from_str(&self.body).unwrap();
        let id = error["error"]["request_id"].as_str().unwrap();
        assert!(
            self.head.contains(&format!("x-request-id: {id}")),
            "{}",
            self.head
        );
        error["error"]["code"].as_str().unwrap().to_owned()
    }
}

async fn multipart(mut form: Multipart) -> Result<String, ApiError> {
    let mut names = Vec::new();
    while let Some(mut field) = form.next_field().await? {
        let text = service::read_text(&mut field, 10).await?;
        names.push(format!("{}={text}", field.name().unwrap_or_default()));
    }
    Ok(names.join("&"))
}

async fn start(auth: Option<InternalAuth>) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let mut config = CommonConfig::with_data_dir(folder.path());
    config.max_upload_mb = 1;
    config.drain_seconds = 5;
    let routes = Router::new()
        .route(
            "/panic",
            get(|| async { panic!("a defect") as &'static str }),
        )
        .route(
            "/secret",
            get(|| async { ApiError::internal("password hunter2") }),
        )
        .route(
            "/caller",
            get(|caller: Caller| async move { caller.user.unwrap_or_default() }),
        )
        .route(
            "/json",
            post(|Json(value): Json<Value>| async move { value.to_string() }),
        )
        .route("/form", post(multipart))
        .route(
            "/slow",
            get(|| async {
                tokio::time::sleep(Duration::from_millis(500)).await;
                service::phases::note("waiting", Duration::from_millis(500));
                "slow"
            }),
        )
        .route(
            "/slow-stream",
            get(|| async {
                tokio::time::sleep(Duration::from_millis(500)).await;
                ([("content-type", "text/event-stream")], "data: 1\n\n")
            }),
        );
    let drain = Drain::new();
    let app = App::new("test", "1", &config, drain.clone())
        .routes(routes)
        .slow_after(Duration::from_millis(400))
        .check("good", || async { Ok(()) })
        .optional_check("bad", || async { Err("gone".into()) });
    let app = match auth {
        Some(auth) => app.internal_auth(auth),
        None => app,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let limits = Limits {
        connections: 2,
        ..Limits::from(&config)
    };
    let serving = tokio::spawn(service::serve_on(
        listener,
        app.build(),
        limits,
        drain.clone(),
    ));
    Running {
        addr,
        drain,
        serving,
    }
}

impl Running {
    async fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let _ = stream.write_all(body).await;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Answer {
            status: head[9..12].parse().unwrap(),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    async fn get(&self, path: &str, headers: &str) -> Answer {
        self.send("GET", path, headers, b"").await
    }
}

#[tokio::test]
async fn a_panic_is_a_500_and_the_next_request_works() {
    let run = start(None).await;
    let answer = run.get("/panic", "").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (500, "internal_error")
    );
    assert_eq!(run.get("/health", "").await.status, 200);
}

#[tokio::test]
async fn an_internal_error_keeps_its_cause_to_itself() {
    let run = start(None).await;
    let answer = run.get("/secret", "").await;
    assert_eq!(answer.code(), "internal_error");
    assert!(!answer.body.contains("hunter2"));
}

#[tokio::test]
async fn a_sane_request_id_comes_back_and_another_is_replaced() {
    let run = start(None).await;
    assert!(
        run.get("/health", "x-request-id: abc\r\n")
            .await
            .head
            .contains("x-request-id: abc\r\n")
    );
    assert!(
        run.get("/health", "x-request-id: a b\r\n")
            .await
            .head
            .contains("x-request-id: req_")
    );
}

#[tokio::test]
async fn what_is_not_there_or_not_allowed_has_the_envelope() {
    let run = start(None).await;
    assert_eq!(run.get("/nowhere", "").await.code(), "not_found");
    let answer = run.send("DELETE", "/json", "", b"").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (405, "method_not_allowed")
    );
    assert!(answer.head.contains("allow: post"), "{}", answer.head);
}

#[tokio::test]
async fn a_body_over_the_limit_is_answered_even_though_the_client_goes_on_sending() {
    let run = start(None).await;
    let answer = run
        .send(
            "POST",
            "/json",
            "content-type: application/json\r\n",
            &vec![b' '; 3 << 20],
        )
        .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (413, "body_too_large")
    );
}

#[tokio::test]
async fn broken_multipart_is_a_400_and_the_wrong_type_a_415() {
    let run = start(None).await;
    let form = "content-type: multipart/form-data; boundary=b\r\n";
    let good = b"--b\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n";
    assert_eq!(run.send("POST", "/form", form, good).await.body, "a=1");
    let cut = &good[..good.len() - 9];
    assert_eq!(
        run.send("POST", "/form", form, cut).await.code(),
        "malformed_multipart"
    );
    assert_eq!(
        run.send("POST", "/form", "", good).await.code(),
        "unsupported_media_type"
    );
    let long = b"--b\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n12345678901\r\n--b--\r\n";
    assert_eq!(
        run.send("POST", "/form", form, long).await.code(),
        "body_too_large"
    );
}

#[tokio::test]
async fn ready_fails_only_for_what_is_required_and_during_a_shutdown() {
    let run = start(None).await;
    let answer = run.get("/ready", "").await;
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        (
            answer.status,
            &body["checks"]["good"],
            &body["checks"]["bad"]
        ),
        (200, &"ok".into(), &"gone".into())
    );
    let mut kept = TcpStream::connect(run.addr).await.unwrap();
    kept.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    run.drain.start();
    let mut answer = String::new();
    kept.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.ends_with("slow"),
        "a request under way is finished: {answer}"
    );
    tokio::time::timeout(Duration::from_secs(1), run.serving)
        .await
        .unwrap()
        .unwrap();
    assert!(
        TcpStream::connect(run.addr).await.is_err(),
        "nothing new is accepted"
    );
}

#[tokio::test]
async fn metrics_are_for_this_machine_and_not_for_those_behind_a_proxy_on_it() {
    let run = start(None).await;
    run.get("/health", "").await;
    let answer = run.get("/metrics", "").await;
    assert!(
        answer.body.contains("http_requests_total{method=\"GET\""),
        "{}",
        answer.body
    );
    assert!(
        answer.body.contains("http_request_duration_seconds_bucket"),
        "{}",
        answer.body
    );
    assert_eq!(
        run.get("/metrics", "x-forwarded-for: 192.0.2.1\r\n")
            .await
            .code(),
        "forbidden"
    );
}

#[tokio::test]
async fn metrics_are_also_for_whoever_knows_the_secret() {
    let run = start(Some(InternalAuth::new(Some(Secret::new(SECRET)), true))).await;
    let elsewhere = "x-forwarded-for: 192.0.2.1\r\n";
    assert_eq!(run.get("/metrics", elsewhere).await.code(), "forbidden");
    let wrong = format!("{elsewhere}x-internal-secret: guess\r\n");
    assert_eq!(run.get("/metrics", &wrong).await.code(), "forbidden");
    let right = format!("{elsewhere}x-internal-secret: {SECRET}\r\n");
    assert_eq!(run.get("/metrics", &right).await.status, 200);
}

/// Log lines as they would be printed.
#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_slow_request_is_logged_once_with_its_phases_and_a_stream_never() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    // For the whole process: what one thread alone listens to, tests on others may switch off.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let run = start(None).await;
    run.get("/slow", "x-request-id: r-1\r\n").await;
    run.get("/slow-stream", "x-request-id: r-2\r\n").await;
    run.get("/health", "").await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = text
        .lines()
        .filter(|l| l.contains("slow request") && (l.contains("r-1") || l.contains("r-2")))
        .collect();
    assert_eq!(lines.len(), 1, "{text}");
    for part in [
        "WARN",
        "r-1",
        "route=\"/slow\"",
        "phases=\"waiting=500ms\"",
        "ms=",
    ] {
        assert!(lines[0].contains(part), "{part}: {}", lines[0]);
    }
}

#[tokio::test]
async fn a_service_lets_in_only_those_who_know_the_secret_unless_it_is_development() {
    let right = format!("x-internal-secret: {SECRET}\r\nx-internal-user: j%C3%B6rg\r\n");
    let run = start(Some(InternalAuth::new(Some(Secret::new(SECRET)), true))).await;
    assert_eq!(run.get("/caller", &right).await.body, "jörg");
    assert_eq!(run.get("/caller", "").await.code(), "missing_token");
    assert_eq!(
        run.get("/caller", "x-internal-secret: wrong\r\n")
            .await
            .code(),
        "invalid_token"
    );
    assert_eq!(run.get("/health", "").await.status, 200);

    let run = start(Some(InternalAuth::new(Some(Secret::new(SECRET)), false))).await;
    assert_eq!(run.get("/caller", "").await.status, 200);
    assert_eq!(
        run.get("/caller", "x-internal-user: root\r\n").await.body,
        "",
        "claims without the secret count for nothing"
    );
    assert_eq!(
        run.get("/caller", "x-internal-secret: wrong\r\n")
            .await
            .code(),
        "invalid_token"
    );
}

/// A connection on which this has been sent.
async fn begun(run: &Running, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(run.addr).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_service_full_of_work_lets_clients_wait_and_serves_them_when_others_leave() {
    let run = start(None).await;
    let upload = "POST /json HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n";
    let held = [begun(&run, upload).await, begun(&run, upload).await];
    // Both are accepted before the third comes.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let waiting = run.get("/health", "");
    tokio::pin!(waiting);
    assert!(
        tokio::time::timeout(Duration::from_millis(300), &mut waiting)
            .await
            .is_err()
    );
    drop(held);
    assert_eq!(waiting.await.status, 200);
}

#[tokio::test]
async fn where_connections_are_idle_the_oldest_gives_way_to_a_newcomer() {
    let run = start(None).await;
    let mut first = begun(&run, "").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut second = begun(&run, "GET /health HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut answer = vec![0; 4096];
    assert!(second.read(&mut answer).await.unwrap() > 0);
    assert_eq!(run.get("/health", "").await.status, 200);
    assert!(matches!(first.read(&mut answer).await, Ok(0) | Err(_)));
    // Whoever had an answer and waits is next.
    let _third = begun(&run, "GET /health HTTP/1.1\r\n").await;
    assert_eq!(run.get("/health", "").await.status, 200);
    assert_eq!(second.read(&mut answer).await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_packed_or_has_no_host_is_refused() {
    let run = start(None).await;
    let packed = "content-type: application/json\r\ncontent-encoding: gzip\r\n";
    let refused = run.send("POST", "/json", packed, b"1234").await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (415, "unsupported_media_type")
    );
    assert!(
        refused.head.contains("accept-encoding: identity"),
        "{}",
        refused.head
    );
    let mut stream = begun(&run, "GET /health HTTP/1.1\r\nconnection: close\r\n\r\n").await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}
