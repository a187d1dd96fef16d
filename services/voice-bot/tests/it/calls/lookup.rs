//! `/internal/calls`: what the agent's tools may read, and for whom.

use super::{Office, Row};
use crate::support::{Answer, Bot, INTERNAL};
use api::Role;
use api::ids::{OrganizationId, UserId};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::Row as _;

const TOKEN: &str = "tok_0190";

/// A request with these headers, from no browser.
async fn ask(bot: &Bot, path: &str, headers: &[(&str, &str)]) -> Answer {
    let visitor = bot.visitor();
    visitor.raw(Method::GET, path, headers, String::new()).await
}

/// As the agent asks for the user of a token.
async fn as_user(bot: &Bot, user: UserId, path: &str) -> Answer {
    let user = user.to_string();
    let headers = [
        ("x-internal-secret", INTERNAL),
        ("x-internal-user", user.as_str()),
        ("x-internal-token-id", TOKEN),
    ];
    ask(bot, path, &headers).await
}

/// Another member of the office's organization.
async fn colleague(office: &Office) -> UserId {
    let (_, user, _) = office
        .bot
        .member(Some(office.organization), Role::Member)
        .await;
    user
}

fn ids(found: &Value) -> Vec<String> {
    let calls = found["calls"].as_array().expect("a list");
    let ids = calls
        .iter()
        .map(|call| call["id"].as_str().unwrap_or_default().to_owned());
    ids.collect()
}

#[tokio::test]
async fn calls_are_found_by_words_customer_and_time_with_the_passages_that_say_it() {
    let office = Office::open(Bot::start().await).await;
    let user = colleague(&office).await;
    let filler = "and so on ".repeat(60);
    let late = office
        .call(Row {
            customer: true,
            created: "2026-02-01T00:00:00Z",
            said: &["Hello there", &filler, "My \"parcel\" is\nlate", &filler],
            ..Row::default()
        })
        .await;
    let refund = office
        .call(Row {
            agent: 1,
            summary: Some("A refund for the parcel was agreed."),
            ..Row::default()
        })
        .await;
    for (query, wanted) in [
        ("", vec![&refund, &late]),
        ("?q=parcel", vec![&refund, &late]),
        ("?q=parcel%20late", vec![&late]),
        ("?q=PARCEL&limit=1", vec![&refund]),
        ("?q=refund", vec![&refund]),
        ("?q=nothing", vec![]),
        ("?customer=JAN", vec![&late]),
        ("?customer=J%25", vec![]),
        ("?customer=_ane", vec![]),
        ("?customer=%5C", vec![]),
        ("?to=2026-02-01", vec![&late]),
        ("?from=2026-02-02&q=parcel", vec![&refund]),
        ("?q=%27%3B%20DROP%20TABLE%20calls%3B%20--", vec![]),
    ] {
        let found = as_user(&office.bot, user, &format!("/internal/calls{query}")).await;
        let found = found.expect(200);
        assert_eq!(ids(&found).iter().collect::<Vec<_>>(), wanted, "{query}");
    }
    let found = as_user(&office.bot, user, "/internal/calls?q=parcel%20late").await;
    let call = &found.expect(200)["calls"][0];
    assert_eq!(
        (&call["agent"], &call["customer"]),
        (&json!("A"), &json!("Jane"))
    );
    let passages = call["passages"].as_str().expect("text");
    assert!(
        passages.contains("\"parcel\" is\nlate") && passages.len() < 600,
        "{passages}"
    );

    let read = as_user(&office.bot, user, &format!("/internal/calls/{late}")).await;
    let read = read.expect(200);
    assert_eq!(
        (&read["segments"], &read["next_segment"]),
        (&json!(4), &Value::Null)
    );
    let transcript = read["transcript"].as_str().expect("text");
    assert!(
        transcript.starts_with("[00:00] customer: Hello there\n[00:01] customer: and"),
        "{transcript}"
    );
    let rest = as_user(
        &office.bot,
        user,
        &format!("/internal/calls/{late}?from_segment=3"),
    )
    .await;
    assert_eq!(
        rest.expect(200)["transcript"]
            .as_str()
            .unwrap()
            .lines()
            .count(),
        1
    );
}

#[tokio::test]
async fn nobody_reads_calls_of_an_organization_they_do_not_belong_to() {
    let office = Office::open(Bot::start().await).await;
    let call = office
        .call(Row {
            said: &["secret parcel"],
            ..Row::default()
        })
        .await;
    let (_, stranger, theirs) = office.bot.member(None, Role::Owner).await;
    let ours = office.organization;
    let nowhere: OrganizationId = data_model::new_id();

    // Their own organization is what they see, whatever they look for.
    let found = as_user(&office.bot, stranger, "/internal/calls?q=parcel").await;
    assert_eq!(found.expect(200), json!({"calls": []}));
    as_user(&office.bot, stranger, &format!("/internal/calls/{call}"))
        .await
        .refused(404, "not_found");
    // One that is another's is as one that does not exist.
    let mut refusals = Vec::new();
    for organization in [ours, nowhere] {
        for path in [
            "/internal/calls?q=parcel&".to_owned(),
            format!("/internal/calls/{call}?"),
        ] {
            let path = format!("{path}organization_id={organization}");
            let answer = as_user(&office.bot, stranger, &path).await;
            let answer = answer.refused(404, "not_found");
            refusals.push(answer.json()["error"]["message"].clone());
        }
    }
    assert!(refusals.windows(2).all(|pair| pair[0] == pair[1]));
    // A call of one organization is not found through another.
    let path = format!("/internal/calls/{call}?organization_id={theirs}");
    as_user(&office.bot, stranger, &path)
        .await
        .refused(404, "not_found");

    // Who has left sees nothing from that moment on.
    let user = colleague(&office).await;
    let path = format!("/internal/calls/{call}");
    as_user(&office.bot, user, &path).await.expect(200);
    let left = format!("/api/orgs/{ours}/members/{user}");
    office.owner.delete(&left).await.expect(204);
    as_user(&office.bot, user, &path)
        .await
        .refused(403, "forbidden");
    as_user(
        &office.bot,
        user,
        &format!("/internal/calls?organization_id={ours}"),
    )
    .await
    .refused(404, "not_found");
    // As does an account that there is not.
    as_user(&office.bot, data_model::new_id(), "/internal/calls")
        .await
        .refused(403, "forbidden");
}

#[tokio::test]
async fn who_belongs_to_several_organizations_names_one() {
    let office = Office::open(Bot::start().await).await;
    let call = office.call(Row::default()).await;
    let (_, user, own) = office.bot.member(None, Role::Owner).await;
    sqlx::query("INSERT INTO organization_memberships (organization_id, user_id, role) VALUES ($1, $2, 'member')")
        .bind(office.organization.0)
        .bind(user.0)
        .execute(&office.bot.pool().await)
        .await
        .expect("a membership can be made");
    let answer = as_user(&office.bot, user, "/internal/calls").await;
    let answer = answer.refused(422, "missing_parameter");
    assert_eq!(answer.json()["error"]["param"], "organization_id");
    for (organization, wanted) in [(office.organization, vec![call]), (own, vec![])] {
        let path = format!("/internal/calls?organization_id={organization}");
        let found = as_user(&office.bot, user, &path).await.expect(200);
        assert_eq!(ids(&found), wanted);
    }
}

#[tokio::test]
async fn only_the_agent_asks_and_only_for_tokens_made_here() {
    let office = Office::open(Bot::start().await).await;
    let call = office.call(Row::default()).await;
    let user = colleague(&office).await.to_string();
    let secret = ("x-internal-secret", INTERNAL);
    let token = ("x-internal-token-id", TOKEN);
    let who = ("x-internal-user", user.as_str());
    type Headers<'a> = &'a [(&'a str, &'a str)];
    let cases: [(Headers<'_>, u16, &str); 8] = [
        (&[], 403, "forbidden"),
        // What a client says of itself counts for nothing without the secret.
        (&[who, token], 403, "forbidden"),
        (
            &[("x-internal-secret", "wrong"), who, token],
            401,
            "invalid_token",
        ),
        // The gateway's own requests for browsers: the secret, and nobody's token.
        (&[secret], 403, "forbidden"),
        (&[secret, token], 403, "forbidden"),
        (&[secret, who], 403, "forbidden"),
        // Names of a remote token service are not ours.
        (
            &[secret, who, ("x-internal-token-id", "remote_0123")],
            403,
            "forbidden",
        ),
        (
            &[secret, ("x-internal-user", "my-app"), token],
            403,
            "forbidden",
        ),
    ];
    for path in [
        "/internal/calls".to_owned(),
        format!("/internal/calls/{call}"),
    ] {
        for (headers, status, code) in cases {
            ask(&office.bot, &path, headers).await.refused(status, code);
        }
        // Nor does a session of somebody who is signed in.
        office.owner.get(&path).await.refused(403, "forbidden");
    }
    ask(&office.bot, "/internal/calls", &[secret, who, token])
        .await
        .expect(200);
}

#[tokio::test]
async fn wrong_queries_name_their_field() {
    let office = Office::open(Bot::start().await).await;
    let user = colleague(&office).await;
    let long = "x".repeat(257);
    for (query, param) in [
        ("limit=0".to_owned(), "limit"),
        ("limit=21".into(), "limit"),
        ("from=yesterday".into(), "from"),
        (format!("q={long}"), "q"),
        (format!("customer={long}"), "customer"),
        ("q=a%00b".into(), "q"),
        ("organization_id=1".into(), "organization_id"),
    ] {
        let answer = as_user(&office.bot, user, &format!("/internal/calls?{query}")).await;
        assert_eq!(answer.status, 422, "{query}: {}", answer.text);
        assert_eq!(answer.json()["error"]["param"], param, "{query}");
    }
}

#[tokio::test]
async fn in_hipaa_mode_every_reading_is_on_record() {
    let office = Office::open(Bot::with(|config| config.common.hipaa_mode = true).await).await;
    let call = office.call(Row::default()).await;
    let user = colleague(&office).await;
    as_user(&office.bot, user, "/internal/calls")
        .await
        .expect(200);
    as_user(&office.bot, user, &format!("/internal/calls/{call}"))
        .await
        .expect(200);
    let rows = sqlx::query(
        "SELECT action, details FROM audit_logs WHERE user_id = $1 AND organization_id = $2 ORDER BY id",
    )
    .bind(user.0)
    .bind(office.organization.0)
    .fetch_all(&office.bot.pool().await)
    .await
    .expect("the log can be read");
    let lines: Vec<(String, Value)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(
        lines,
        [
            (
                "calls.listed".to_owned(),
                json!({"calls": 1, "token_id": TOKEN})
            ),
            (
                "call.read".to_owned(),
                json!({"call_id": call, "token_id": TOKEN})
            ),
        ]
    );
}
