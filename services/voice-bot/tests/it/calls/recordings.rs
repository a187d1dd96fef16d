//! The sound of calls, whole and in parts.

use super::{Office, Row};
use crate::support::{Answer, Bot};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_recording_is_given_whole_or_in_parts() {
    let office = Office::open(Bot::start().await).await;
    // Longer than a block.
    let sound: String = (0..200_000)
        .map(|at| char::from(b'a' + (at % 26) as u8))
        .collect();
    let id = office.recorded("call.wav", sound.as_bytes()).await;
    let path = &format!("/api/calls/{id}/recording");
    let call = office
        .owner
        .get(&format!("/api/calls/{id}"))
        .await
        .expect(200);
    assert_eq!(call["recording_url"], json!(path));
    let header = |answer: &Answer, name: &str| {
        answer
            .headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default().to_owned())
    };

    let whole = office.owner.get(path).await;
    assert_eq!((whole.status.as_u16(), whole.text == sound), (200, true));
    for (name, value) in [
        ("content-type", "audio/wav"),
        ("content-length", "200000"),
        ("accept-ranges", "bytes"),
        ("cache-control", "private, no-cache"),
    ] {
        assert_eq!(header(&whole, name).as_deref(), Some(value), "{name}");
    }
    let etag = header(&whole, "etag").expect("an entity tag");

    for (range, wanted, told) in [
        ("bytes=0-9", &sound[..10], "bytes 0-9/200000"),
        (
            "bytes=70000-139999",
            &sound[70_000..140_000],
            "bytes 70000-139999/200000",
        ),
        (
            "bytes=199990-",
            &sound[199_990..],
            "bytes 199990-199999/200000",
        ),
        ("bytes=-5", &sound[199_995..], "bytes 199995-199999/200000"),
    ] {
        let part = office
            .owner
            .send(Method::GET, path, &[("range", range)], None)
            .await;
        assert_eq!(
            (part.status.as_u16(), part.text.as_str()),
            (206, wanted),
            "{range}"
        );
        assert_eq!(header(&part, "content-range").as_deref(), Some(told));
    }
    let outside = office
        .owner
        .send(Method::GET, path, &[("range", "bytes=200000-")], None)
        .await;
    let outside = outside.refused(416, "range_not_satisfiable");
    assert_eq!(
        header(&outside, "content-range").as_deref(),
        Some("bytes */200000")
    );
    for (if_range, status) in [
        (etag.as_str(), 206),
        ("\"other\"", 200),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 200),
    ] {
        let part = office
            .owner
            .send(
                Method::GET,
                path,
                &[("range", "bytes=0-9"), ("if-range", if_range)],
                None,
            )
            .await;
        assert_eq!(part.status.as_u16(), status, "{if_range}");
    }
    let known = office
        .owner
        .send(Method::GET, path, &[("if-none-match", &etag)], None)
        .await;
    assert_eq!((known.status.as_u16(), known.text.as_str()), (304, ""));
    let head = office
        .owner
        .send(Method::HEAD, path, &[("range", "bytes=0-9")], None)
        .await;
    assert_eq!(
        (
            head.status.as_u16(),
            header(&head, "content-length").as_deref()
        ),
        (200, Some("200000"))
    );
}

#[tokio::test]
async fn a_recording_lies_in_the_folder_of_its_organization_or_nowhere() {
    let office = Office::open(Bot::start().await).await;
    let folder = office
        .bot
        .data
        .path()
        .join("recordings")
        .join(office.organization.to_string());
    office.recorded("real.opus", b"OggS").await;
    let secret = office.bot.data.path().join("secret.wav");
    std::fs::write(&secret, b"secret").expect("a file can be written");
    std::os::unix::fs::symlink(&secret, folder.join("link.wav")).expect("a link can be made");
    for name in ["gone.wav", "link.wav", "."] {
        let recording = Some(format!("{}/{name}", office.organization));
        let id = office
            .call(Row {
                recording,
                ..Row::default()
            })
            .await;
        let answer = office
            .owner
            .get(&format!("/api/calls/{id}/recording"))
            .await;
        answer.refused(404, "not_found");
    }
    let without = office.call(Row::default()).await;
    let answer = office
        .owner
        .get(&format!("/api/calls/{without}/recording"))
        .await;
    answer.refused(404, "not_found");
    // The schema itself takes no other path.
    let pool = office.bot.pool().await;
    let organization = office.organization;
    for bad in [
        format!("{organization}/../x.wav"),
        "/etc/passwd".into(),
        "other/x.wav".into(),
        format!("/{organization}/x.wav"),
    ] {
        let written = sqlx::query("UPDATE calls SET recording_path = $1")
            .bind(&bad)
            .execute(&pool)
            .await;
        assert!(written.is_err(), "{bad}");
    }
    let id = office.recorded("x.opus", b"OggS").await;
    let sound = office
        .owner
        .get(&format!("/api/calls/{id}/recording"))
        .await;
    assert_eq!(sound.headers["content-type"], "audio/ogg");
}
