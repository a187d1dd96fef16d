//! The mode switched on over plain data, off again, its key replaced and lost.

use super::{cluster, holding, is_sealed};
use crate::calls::Office;
use crate::support::{Bot, Visitor};
use data_model::Error;
use serde_json::json;
use service::Drain;
use std::path::Path;
use voice_bot::{AppState, Config, vault};

const NAME: &str = "Adelgunde Pfifferling";
const WORDS: &str = "the Knoblauchsuppe was cold";

/// An office from before the mode; a call of it, with its recording.
async fn plain() -> (Office, String) {
    let office = Office::open(Bot::start().await).await;
    let path = format!("/api/customers/{}", office.customer);
    let change = json!({"name": NAME, "phone_number": "+4915550199887"});
    office.owner.patch(&path, change).await.expect(200);
    let sound = format!("RIFF{}", "Leberknoedel".repeat(5000));
    let recorded = office.recorded("call.wav", sound.as_bytes()).await;
    old(&office.bot.data.path().join("recordings"), "call.wav");
    sqlx::query("UPDATE calls SET transcript = $2, summary = 'About Knoblauchsuppe.', from_number = '+4915550199887' WHERE id = $1::uuid")
        .bind(&recorded)
        .bind(json!([{"speaker": "customer", "text": WORDS, "start": 0, "end": 1}]))
        .execute(&office.bot.pool().await)
        .await
        .expect("a call can be written");
    (office, recorded)
}

/// As if it had been written a while ago.
fn old(folder: &Path, name: &str) {
    for path in holding(&[folder], "RIFF") {
        if path.ends_with(name) {
            let file = std::fs::File::options()
                .append(true)
                .open(path)
                .expect("it is there");
            let then = std::time::SystemTime::now() - std::time::Duration::from_secs(600);
            file.set_modified(then).expect("a time can be set");
        }
    }
}

/// A later start with the same data.
async fn again(first: &Bot, hipaa: bool) -> Bot {
    Bot::with(|config| {
        config.common.data_dir = first.data.path().to_owned();
        config.database_url = Some(service::Secret::new(first.database.clone()));
        config.common.hipaa_mode = hipaa;
    })
    .await
}

/// Somebody of the office at another start.
fn owner(office: &Office, bot: &Bot) -> Visitor {
    let visitor = bot.visitor();
    let token = office
        .owner
        .cookie("access_token")
        .expect("they are signed in");
    visitor.set_cookie("access_token", &token);
    visitor
}

async fn seal(bot: &Bot) -> bool {
    let rotation = bot.state.config.common.rotation();
    let key = bot.state.sealer.current().expect("the mode is on");
    vault::seal_all(&bot.state, &rotation, key)
        .await
        .expect("it can be sealed")
}

/// Everything is read as it was.
async fn reads(office: &Office, bot: &Bot, call: &str) {
    let owner = owner(office, bot);
    let read = owner.get(&format!("/api/calls/{call}")).await.expect(200);
    assert_eq!(read["transcript"][0]["text"], WORDS);
    assert_eq!(read["summary"], "About Knoblauchsuppe.");
    assert_eq!(read["from_number"], "+4915550199887");
    let customers = owner.get("/api/customers").await.expect(200);
    assert_eq!(customers[0]["name"], NAME);
    assert_eq!(customers[0]["phone_number"], "+4915550199887");
    let sound = owner
        .bytes(&format!("/api/calls/{call}/recording"), &[])
        .await;
    assert_eq!(sound.len(), 4 + 12 * 5000);
    assert!(sound.starts_with(b"RIFFLeber"));
}

#[tokio::test]
async fn plain_data_is_sealed_when_the_mode_is_switched_on_and_read_when_it_is_off_again() {
    let (office, call) = plain().await;
    let data = office.bot.data.path();
    assert_eq!(holding(&[data], "Leberknoedel").len(), 1);

    let on = again(&office.bot, true).await;
    reads(&office, &on, &call).await;
    assert!(seal(&on).await);
    assert!(is_sealed(&on, "calls").await && is_sealed(&on, "customers").await);
    assert!(holding(&[data], "Leberknoedel").is_empty());
    reads(&office, &on, &call).await;
    // Dead rows go with the next vacuum; the log of the cluster keeps what it had.
    let pool = on.pool().await;
    sqlx::query("VACUUM FULL calls, customers")
        .execute(&pool)
        .await
        .expect("vacuumed");
    let [rows, _] = cluster(&on).await;
    for word in ["Knoblauchsuppe", "Pfifferling", "15550199887"] {
        let files = holding(&[&rows], word);
        assert!(files.is_empty(), "{word} is in {files:?}");
    }
    assert!(seal(&on).await, "again, it changes nothing");

    let off = again(&office.bot, false).await;
    reads(&office, &off, &call).await;
    let owner = owner(&office, &off);
    owner
        .post("/api/customers", json!({"name": "Plain"}))
        .await
        .expect(201);
    assert!(!is_sealed(&off, "customers").await);
    let on = again(&office.bot, true).await;
    assert!(seal(&on).await);
    assert!(is_sealed(&on, "customers").await);
}

#[tokio::test]
async fn a_key_is_replaced_without_anything_being_lost_however_often_it_is_interrupted() {
    let (office, call) = plain().await;
    let bot = again(&office.bot, true).await;
    assert!(seal(&bot).await);
    let rotation = bot.state.config.common.rotation();
    let old = bot.state.sealer.current().expect("a key");
    let new = rotation.begin().expect("it begins");
    while bot.state.sealer.current() != Some(new) {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // Interrupted after the customers: calls have the old key, and everything is read.
    let first = bot
        .state
        .database
        .reseal_customers(new, uuid::Uuid::nil(), 50)
        .await;
    assert_eq!(first.expect("sealed").done, 1);
    reads(&office, &bot, &call).await;
    assert_eq!(rotation.pending(new).expect("told"), [vault::STORE]);
    assert!(rotation.finish().is_err(), "the old key is needed still");

    let bot = again(&office.bot, true).await;
    assert_eq!(bot.state.sealer.current(), Some(new));
    assert!(seal(&bot).await);
    assert_eq!(rotation.finish().expect("it ends"), 1);
    let after = again(&office.bot, true).await;
    assert!(after.state.sealer.check(old).is_err());
    reads(&office, &after, &call).await;
}

#[tokio::test]
async fn without_its_key_nothing_starts_to_serve_and_the_message_says_which_is_missing() {
    let (office, call) = plain().await;
    let bot = again(&office.bot, true).await;
    assert!(seal(&bot).await);
    let key = bot.state.sealer.current().expect("a key").to_string();

    let elsewhere = tempfile::TempDir::new().expect("a folder");
    let mut config = Config::with_data_dir(elsewhere.path());
    config.database_url = Some(service::Secret::new(bot.database.clone()));
    config.common.hipaa_mode = true;
    let state = AppState::start(config, Drain::new()).expect("another key is made");
    let missing = state
        .database
        .check_keys()
        .await
        .expect_err("it has another key");
    assert!(missing.to_string().contains(&key), "{missing}");
    let ready = tokio::spawn(state.clone().keep_migrated());
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(state.database_ready().await.is_err());
    ready.abort();
    // Asked all the same: 503 with a reason, not a defect.
    let call = call.parse().expect("an id");
    let read = state.database.tenant(office.organization).call(call).await;
    let error = read.expect_err("sealed");
    assert!(matches!(error, Error::Sealing(_)));
    let answer = voice_bot::failure::of("call")(error);
    assert_eq!(answer.code, api::ErrorCode::NotReady);
}
