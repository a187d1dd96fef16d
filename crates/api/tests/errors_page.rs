//! Keeps `docs/errors.md` true to the codes. `UPDATE_DOCS=1 cargo test -p api` writes it anew.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

use api::ErrorCode;
use std::fmt::Write;
use std::path::Path;

const HEAD: &str = "# Errors

<!-- Generated from `crates/api/src/error.rs`: UPDATE_DOCS=1 cargo test -p api -->

Every error of every service is JSON with the status of its code:

```json
{\"error\": {\"type\": \"invalid_request_error\", \"code\": \"unsupported_audio\", \"message\": \"...\", \"param\": \"file\", \"request_id\": \"req_...\"}}
```

- `message` says what was wrong with which input and what would be right. It may change; `code` does not.
- `param` names the parameter at fault, where one is.
- `request_id` equals the `X-Request-Id` header. Send one of up to 128 visible ASCII characters to choose it yourself.
- 429 and 503 carry `Retry-After`, 405 carries `Allow`, 401 carries `WWW-Authenticate`.
- A WebSocket sends `{\"type\": \"error\", \"error\": {...}}` before it closes. Close codes: 1000 done, 1002 protocol,
  1003 bad message, 1007 not UTF-8, 1008 policy, 1009 too big, 1011 server, 1013 try later, 4001 token revoked, 4029 limit.
- A request that is not HTTP at all is closed with a bare 400 or 431, before any of our code sees it.

| code | status | type | meaning |
|---|---|---|---|
";

fn page() -> String {
    ErrorCode::ALL
        .iter()
        .fold(HEAD.to_owned(), |mut page, code| {
            let family = serde_json::to_value(code.family()).unwrap();
            let (name, status) = (code.as_str(), code.status());
            let family = family.as_str().unwrap();
            writeln!(
                page,
                "| `{name}` | {status} | `{family}` | {} |",
                code.meaning()
            )
            .unwrap();
            page
        })
}

#[test]
fn the_page_lists_the_codes_there_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page(),
        "docs/errors.md is out of date: UPDATE_DOCS=1 cargo test -p api"
    );
}
