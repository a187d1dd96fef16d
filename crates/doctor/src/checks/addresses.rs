//! `PUBLIC_URL` and `FRONTEND_URL`: are they origins, and do they fit each other?

use crate::{Finding, Settings};

/// Looks at both.
pub async fn check(settings: &Settings) -> Vec<Finding> {
    let public = &settings.public_url;
    let mut found = Vec::new();
    if service::origins(std::slice::from_ref(public)).is_err() || public.trim().is_empty() {
        found.push(Finding::fail(
            format!("PUBLIC_URL is `{public}`, which is no address"),
            "set it to the address by which others reach the gateway, such as https://voice.example.com",
        ));
    } else if settings.is_public() && !public.starts_with("https://") {
        found.push(Finding::warn(
            format!("PUBLIC_URL is {public}: passwords and sound would travel in the open"),
            "put a proxy that speaks TLS in front, and set PUBLIC_URL to its https:// address",
        ));
    } else {
        found.push(Finding::ok(format!("PUBLIC_URL is {public}")));
    }
    let frontend = settings.frontend_url.join(", ");
    match service::origins(&settings.frontend_url) {
        Err(why) => found.push(Finding::fail(why, "set FRONTEND_URL to the origins of your web applications")),
        Ok(_) if settings.is_public() && frontend.contains("localhost") => found.push(Finding::warn(
            format!("FRONTEND_URL is {frontend}, but PUBLIC_URL is not on this machine: links in e-mails lead nowhere"),
            "set FRONTEND_URL to the address of your web application",
        )),
        Ok(_) => found.push(Finding::ok(format!("FRONTEND_URL is {frontend}"))),
    }
    found
}
