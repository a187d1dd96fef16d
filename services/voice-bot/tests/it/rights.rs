//! Who may do what, tried out: every route of the OpenAPI document is asked by nobody, a guest,
//! a member, an admin, an owner, and by an owner and a guest of other organizations, with ids that
//! exist. `UPDATE_DOCS=1 cargo test -p voice-bot --test it rights::` writes what came of it to
//! `docs/security.md`.

mod table;
mod world;

use crate::support::{Answer, Bot};
use api::Role;
use reqwest::Method;
use serde_json::{Value, json};
use service::Secret;
use sqlx::PgPool;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use table::{CASES, Case, May, Strangers};
use world::{Who, World, operations, tables};

const EVERYBODY: [Who; 7] = [
    Who::Nobody,
    Who::Guest,
    Who::Member,
    Who::Admin,
    Who::Owner,
    Who::Stranger,
    Who::StrangeGuest,
];

const BEGIN: &str =
    "<!-- Generated: UPDATE_DOCS=1 cargo test -p voice-bot --test it rights:: -->\n";
const END: &str = "<!-- End of what is generated. -->\n";

/// A service that calls no one, with Twilio set up all the same.
async fn start() -> Bot {
    Bot::with(|config| {
        config.twilio.twilio_account_sid = Some(format!("AC{}", "0".repeat(32)));
        config.twilio.twilio_auth_token = Some(Secret::new("x".repeat(32)));
        config.twilio.twilio_phone_number = Some("+14155550100".into());
        config.twilio.twilio_api_url = "http://127.0.0.1:9".into();
    })
    .await
}

/// What an answer must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    LetIn,
    Refused(u16),
    /// 403 or 404.
    Outside,
}

/// What the policy says.
fn expected(case: &Case, who: Who) -> Expected {
    use Expected::{LetIn, Refused};
    let guest = matches!(who, Who::Guest | Who::StrangeGuest);
    let role = match who {
        Who::Member => Role::Member,
        Who::Admin => Role::Admin,
        _ => Role::Owner,
    };
    match case.may {
        May::Everyone => return LetIn,
        May::Signature => return Refused(403),
        _ if who == Who::Nobody => return Refused(401),
        _ => (),
    }
    if matches!(who, Who::Stranger | Who::StrangeGuest) {
        match case.strangers {
            // Refused for being a guest, whatever was named, tells nothing either.
            Strangers::Hidden if guest && matches!(case.may, May::RoleAndAccount(_)) => {
                return Expected::Outside;
            }
            Strangers::Hidden => return Refused(404),
            Strangers::Refused(status) => return Refused(status),
            Strangers::Theirs => (),
        }
    }
    let allowed = match case.may {
        May::Account => !guest,
        May::Role(least) => role >= least,
        May::RoleAndAccount(least) => role >= least && !guest,
        _ => true,
    };
    if allowed { LetIn } else { Refused(403) }
}

async fn ask(bot: &Bot, pool: &PgPool, case: &Case, who: Who, ours: &World) -> Answer {
    let theirs;
    let home = match who {
        Who::Stranger | Who::StrangeGuest => {
            theirs = World::new(bot, pool).await;
            &theirs
        }
        _ => ours,
    };
    let visitor = home.visitor(bot, pool, who).await;
    let (method, _) = case.route.split_once(' ').expect("METHOD /path");
    let method: Method = method.parse().expect("a method");
    let (path, body) = (
        ours.fill(case.path, Some(who)),
        ours.fill(case.body, Some(who)),
    );
    let headers = match (case.may, body.is_empty()) {
        (_, true) => Vec::new(),
        (May::Signature, _) => vec![
            ("content-type", "application/x-www-form-urlencoded"),
            ("x-twilio-signature", "bm8="),
        ],
        _ => vec![("content-type", "application/json")],
    };
    visitor.raw(method, &path, &headers, body).await
}

/// Asks, checks the answer, and tells how the table shows it.
async fn cell(bot: &Bot, pool: &PgPool, owned: &[String], case: &Case, who: Who) -> String {
    let ours = World::new(bot, pool).await;
    let before = match who {
        Who::Guest => Vec::new(),
        _ => ours.snapshot(pool, owned).await,
    };
    let answer = ask(bot, pool, case, who, &ours).await;
    let status = answer.status.as_u16();
    let told = format!(
        "{who:?}: {} {}: {status} {}",
        case.route, case.body, answer.text
    );
    match expected(case, who) {
        Expected::Refused(refused) => assert_eq!(status, refused, "{told}"),
        Expected::Outside => assert!([403, 404].contains(&status), "{told}"),
        Expected::LetIn => {
            let well = (200..400).contains(&status) || case.also.contains(&status);
            assert!(well, "{told}");
        }
    }
    let outside = matches!(who, Who::Nobody | Who::Stranger | Who::StrangeGuest);
    if outside && !case.shows {
        let leak = answer.text.contains(&ours.mark);
        let headers = format!("{:?}", answer.headers).contains(&ours.mark);
        assert!(!leak && !headers, "{told}");
    }
    let refused = expected(case, who) != Expected::LetIn;
    if (outside || refused) && who != Who::Guest {
        assert_eq!(before, ours.snapshot(pool, owned).await, "{told}");
    }
    match (expected(case, who), outside && who != Who::Nobody) {
        (Expected::Refused(_) | Expected::Outside, _) => status.to_string(),
        (Expected::LetIn, true) if !matches!(case.may, May::Everyone) => "theirs".to_owned(),
        (Expected::LetIn, _) => "yes".to_owned(),
    }
}

fn page(rows: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/security.md");
    let written = std::fs::read_to_string(path).expect("docs/security.md is there");
    let (head, rest) = written.split_once(BEGIN).expect("where the table begins");
    let (_, tail) = rest.split_once(END).expect("where it ends");
    format!(
        "{head}{BEGIN}\n| route | nobody | guest | member | admin | owner | another organization's owner | another guest |\n\
         |---|---|---|---|---|---|---|---|\n{rows}\n{END}{tail}"
    )
}

#[tokio::test]
async fn everybody_may_do_what_the_page_says_and_no_more() {
    let bot = start().await;
    let pool = bot.pool().await;
    let owned = tables(&pool).await;
    let world = World::new(&bot, &pool).await;
    for rows in world.snapshot(&pool, &owned).await {
        assert!(
            rows.contains(' ') && !rows.ends_with(' '),
            "no row of {rows}: plant one in world.rs"
        );
    }
    let mut rows = String::new();
    let mut shown = BTreeSet::new();
    for case in CASES {
        let mut line = format!("| `{}` |", case.route);
        let cells = EVERYBODY.map(|who| cell(&bot, &pool, &owned, case, who));
        for cell in futures::future::join_all(cells).await {
            write!(line, " {cell} |").expect("a string can be written");
        }
        if shown.insert(case.route) {
            writeln!(rows, "{line}").expect("a string can be written");
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/security.md");
    let page = page(&rows);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("docs/security.md can be written");
    }
    let written = std::fs::read_to_string(&path).expect("docs/security.md is there");
    assert!(
        written == page,
        "docs/security.md is out of date: UPDATE_DOCS=1 cargo test -p voice-bot --test it rights::"
    );
}

#[tokio::test]
async fn every_route_of_the_document_is_in_the_table_and_no_other() {
    let document = voice_bot::documented().into_openapi();
    let document = serde_json::to_value(document).expect("a document is JSON");
    let there: BTreeSet<String> = operations(&document).into_iter().collect();
    let known: BTreeSet<String> = CASES.iter().map(|case| case.route.to_owned()).collect();
    let missing: Vec<_> = there.difference(&known).collect();
    assert!(
        missing.is_empty(),
        "add these to tests/it/rights/table.rs: {missing:#?}"
    );
    let gone: Vec<_> = known.difference(&there).collect();
    assert!(
        gone.is_empty(),
        "these are in tests/it/rights/table.rs only: {gone:#?}"
    );
}

/// Requests of owners, each with a world of its own, to the routes that change something.
async fn changed_by_owner(
    bot: &Bot,
    pool: &PgPool,
    headers: &[(&str, &str)],
    wants: impl Fn(&Case) -> bool,
) -> Vec<(&'static str, Answer)> {
    let owned = tables(pool).await;
    let mut answers = Vec::new();
    for case in CASES.iter().filter(|case| wants(case)) {
        let world = World::new(bot, pool).await;
        let visitor = world.visitor(bot, pool, Who::Owner).await;
        let before = world.snapshot(pool, &owned).await;
        let (method, _) = case.route.split_once(' ').expect("METHOD /path");
        let body = world.fill(case.body, Some(Who::Owner));
        let path = world.fill(case.path, Some(Who::Owner));
        let answer = visitor
            .raw(method.parse().expect("a method"), &path, headers, body)
            .await;
        assert_eq!(before, world.snapshot(pool, &owned).await, "{}", case.route);
        answers.push((case.route, answer));
    }
    answers
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let bot = start().await;
    let pool = bot.pool().await;
    let changes = |case: &Case| !case.route.starts_with("GET ") && case.may != May::Signature;
    for origin in [
        "https://evil.example",
        "null",
        "http://localhost:3000.evil.example",
    ] {
        let headers = [("origin", origin), ("content-type", "application/json")];
        for (route, answer) in changed_by_owner(&bot, &pool, &headers, changes).await {
            assert_eq!(
                (answer.status.as_u16(), answer.code().as_str()),
                (403, "origin_not_allowed"),
                "{route}"
            );
        }
    }
}

#[tokio::test]
async fn forms_change_nothing() {
    let bot = start().await;
    let pool = bot.pool().await;
    let takes_json = |case: &Case| !case.body.is_empty() && case.may != May::Signature;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let headers = [("content-type", kind)];
        for (route, answer) in changed_by_owner(&bot, &pool, &headers, takes_json).await {
            assert_eq!(answer.status.as_u16(), 415, "{route}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn what_a_body_says_of_other_organizations_counts_for_nothing() {
    let bot = start().await;
    let pool = bot.pool().await;
    let owned = tables(&pool).await;
    for case in CASES
        .iter()
        .filter(|case| !case.body.is_empty() && case.may != May::Signature)
    {
        let (ours, theirs) = (World::new(&bot, &pool).await, World::new(&bot, &pool).await);
        let mut body: Value =
            serde_json::from_str(&theirs.fill(case.body, Some(Who::Owner))).expect("JSON");
        for (field, value) in [
            ("id", json!(ours.fill("AGENT", None))),
            ("organization_id", json!(ours.fill("ORGANIZATION", None))),
            ("owner_user_id", json!(theirs.fill("OWNER", None))),
            ("user_id", json!(ours.fill("OWNER", None))),
            ("created_by", json!(ours.fill("OWNER", None))),
            ("deleted_at", Value::Null),
        ] {
            // What a route takes by this name is the business of the other tests.
            body.as_object_mut()
                .expect("an object")
                .entry(field)
                .or_insert(value);
        }
        let before = ours.snapshot(&pool, &owned).await;
        let visitor = theirs.visitor(&bot, &pool, Who::Owner).await;
        let (method, _) = case.route.split_once(' ').expect("METHOD /path");
        let path = theirs.fill(case.path, Some(Who::Owner));
        let answer = visitor
            .send(method.parse().expect("a method"), &path, &[], Some(body))
            .await;
        let told = format!("{}: {} {}", case.route, answer.status, answer.text);
        assert!(
            answer.status.as_u16() < 500 || case.also.contains(&answer.status.as_u16()),
            "{told}"
        );
        assert!(!answer.text.contains(&ours.mark), "{told}");
        assert_eq!(before, ours.snapshot(&pool, &owned).await, "{told}");
    }
}
