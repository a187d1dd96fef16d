//! Which browser applications may call (`FRONTEND_URL`).

use http::{HeaderValue, Uri};

/// The origins of the configuration, each `http(s)://host[:port]`. No wildcard: browsers refuse
/// it together with cookies.
pub fn origins(urls: &[String]) -> Result<Vec<HeaderValue>, String> {
    let given = urls.iter().map(|url| url.trim().trim_end_matches('/'));
    given.filter(|url| !url.is_empty()).map(origin).collect()
}

fn origin(url: &str) -> Result<HeaderValue, String> {
    let uri: Option<Uri> = url.parse().ok();
    let plain = uri.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.path() == "/"
            && uri.query().is_none()
    });
    let value = HeaderValue::from_str(url).ok().filter(|_| plain);
    value.ok_or_else(|| {
        format!("FRONTEND_URL must list origins like https://app.example.com, not `{url}`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_origins_are_taken() {
        let given = [
            "https://app.example.com/".to_owned(),
            " http://localhost:3000".to_owned(),
            String::new(),
        ];
        assert_eq!(
            origins(&given).unwrap(),
            ["https://app.example.com", "http://localhost:3000"]
        );
        for bad in ["*", "app.example.com", "https://a/b", "ftp://a"] {
            assert!(origins(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
