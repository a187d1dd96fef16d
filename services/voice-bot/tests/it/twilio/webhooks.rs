//! What Twilio tells, and who is believed to be Twilio.

use super::{Office, PUBLIC, TOKEN, library, post_form};
use crate::support::Bot;
use serde_json::{Value, json};

#[tokio::test]
async fn a_call_only_moves_forwards() {
    let office = Office::open().await;
    let call = office
        .start(json!({"to": "+14155551234"}), None)
        .await
        .expect(201);
    assert_eq!(
        office.status(&call, "ringing", &[]).await["status"],
        "ringing"
    );
    assert_eq!(
        office.status(&call, "initiated", &[]).await["status"],
        "ringing"
    );
    let talking = office.status(&call, "in-progress", &[]).await;
    assert!(talking["answered_at"].is_string());
    let sid = call["provider_call_id"].as_str().expect("a sid");
    for word in ["machine_start", "human"] {
        let fields = [
            ("CallSid", sid),
            ("AnsweredBy", word),
            ("MachineDetectionDuration", "2300"),
        ];
        assert_eq!(office.hook("/api/calls/twilio-amd", &fields).await, 204);
        assert_eq!(
            office.call(&call["id"]).await["answered_by"],
            "machine_start"
        );
    }
    let done = office
        .status(&call, "completed", &[("CallDuration", "42")])
        .await;
    assert_eq!(
        (&done["status"], &done["duration"]),
        (&json!("completed"), &json!(42.0))
    );
    for (status, more) in [
        ("in-progress", vec![]),
        ("failed", vec![]),
        ("completed", vec![("CallDuration", "99")]),
        ("no-such-status", vec![]),
    ] {
        let mut after = office.status(&call, status, &more).await;
        after["updated_at"] = done["updated_at"].clone();
        assert_eq!(after, done, "{status}");
    }
    let late = office
        .start(json!({"to": "+14155551234"}), None)
        .await
        .expect(201);
    let busy = office.status(&late, "busy", &[]).await;
    assert_eq!(
        (&busy["status"], &busy["duration"]),
        (&json!("busy"), &Value::Null)
    );
    let gone = [("CallSid", "CA999"), ("CallStatus", "completed")];
    assert_eq!(office.hook("/api/calls/twilio-status", &gone).await, 204);
    assert_eq!(
        office
            .hook("/api/calls/twilio-status", &[("CallStatus", "completed")])
            .await,
        204
    );
}

#[tokio::test]
async fn signatures_of_twilios_own_library_are_believed_and_no_others() {
    let office = Office::open().await;
    let call = office
        .start(json!({"to": "+14155551234"}), None)
        .await
        .expect(201);
    let sid = call["provider_call_id"].as_str().expect("a sid");
    let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    };
    let id = call["id"].as_str().expect("an id");
    let forms = [
        (
            format!("/api/calls/twilio-status?call={id}"),
            owned(&[
                ("CallSid", sid),
                ("CallStatus", "ringing"),
                ("Called", "+1 415"),
                ("CallerName", "Zoë & \"Çö\" +%"),
                ("Empty", ""),
            ]),
        ),
        (
            "/api/calls/twilio-status".to_owned(),
            owned(&[
                ("b", "2"),
                ("CallSid", sid),
                ("a", "1"),
                ("a", "1"),
                ("a", "0"),
                ("CallStatus", "in-progress"),
            ]),
        ),
        (
            format!("/api/calls/twilio-amd?call={id}&x=%20y"),
            owned(&[("CallSid", sid), ("AnsweredBy", "human")]),
        ),
    ];
    let requests: Vec<Value> = forms
        .iter()
        .map(|(path, form)| json!([TOKEN, format!("{PUBLIC}/bot{path}"), form]))
        .collect();
    for ((path, form), signature) in forms.iter().zip(library(&json!(requests))) {
        let (status, text) = post_form(&office.bot, path, form, Some(&signature)).await;
        assert_eq!(status, 204, "{path} {text}");
        let mut changed = form.clone();
        changed.push(("CallStatus".into(), "completed".into()));
        for (path, form, signature) in [
            (path.as_str(), &changed, Some(signature.as_str())),
            ("/api/calls/twilio-status?call=x", form, Some(&signature)),
            (path, form, None),
            (path, form, Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")),
            (path, form, Some("not base64")),
        ] {
            let (status, text) = post_form(&office.bot, path, form, signature).await;
            assert_eq!(status, 403, "{path}");
            assert!(text.contains("invalid_signature"), "{text}");
        }
    }
    let after = office.call(&call["id"]).await;
    assert_eq!(
        (&after["status"], &after["answered_by"]),
        (&json!("in-progress"), &json!("human"))
    );
}

#[tokio::test]
async fn without_a_secret_nothing_is_believed_unless_told_to() {
    let form = [("CallSid".to_owned(), "CA1".to_owned())];
    let bot = Bot::start().await;
    let empty = voice_bot::twilio::signature(
        &service::Secret::new(""),
        "http://localhost:9000/bot/api/calls/twilio-status",
        &form,
    );
    assert_eq!(
        post_form(&bot, "/api/calls/twilio-status", &form, Some(&empty))
            .await
            .0,
        403
    );
    let bot = Bot::with(|config| config.twilio.twilio_skip_signature = true).await;
    assert_eq!(
        post_form(&bot, "/api/calls/twilio-status", &form, None)
            .await
            .0,
        204
    );
    let large = [("CallSid".to_owned(), "x".repeat(70_000))];
    assert_eq!(
        post_form(&bot, "/api/calls/twilio-status", &large, None)
            .await
            .0,
        413
    );
    let json = bot
        .visitor()
        .post("/api/calls/twilio-status", json!({"CallSid": "CA1"}))
        .await;
    json.refused(415, "unsupported_media_type");
}
