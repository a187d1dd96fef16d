//! What goes when it is old.

use crate::calls::{Office, Row};
use crate::support::Bot;
use time::{Duration, OffsetDateTime};
use voice_bot::retention;

async fn count(bot: &Bot, what: &str) -> i64 {
    let count = format!("SELECT count(*) FROM {what}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(count))
        .fetch_one(&bot.pool().await)
        .await
        .expect("a count")
}

#[tokio::test]
async fn calls_go_with_their_recordings_when_their_time_is_over_and_not_before() {
    let bot = Bot::with(|config| config.retention_days = 30).await;
    let office = Office::open(bot).await;
    let at = |days: i64| {
        let then = OffsetDateTime::now_utc() - Duration::days(days);
        then.format(&time::format_description::well_known::Rfc3339)
            .expect("a time")
    };
    let (old, young) = (at(31), at(29));
    let gone = office.recorded("old.wav", b"RIFF").await;
    sqlx::query("UPDATE calls SET created_at = now() - interval '31 days' WHERE id = $1::uuid")
        .bind(&gone)
        .execute(&office.bot.pool().await)
        .await
        .expect("time flies");
    let kept = office
        .call(Row {
            created: &young,
            ..Row::default()
        })
        .await;
    let going_on = office
        .call(Row {
            created: &old,
            status: "in-progress",
            ..Row::default()
        })
        .await;
    retention::round(&office.bot.state).await.expect("a round");
    retention::round(&office.bot.state)
        .await
        .expect("another changes nothing");
    let left = office.found("").await;
    assert_eq!(left, [kept, going_on]);
    let folder = office
        .bot
        .data
        .path()
        .join("recordings")
        .join(office.organization.to_string());
    assert!(!folder.join("old.wav").exists());
}

#[tokio::test]
async fn the_audit_log_has_a_time_of_its_own() {
    let bot = Bot::with(|config| config.audit_days = 100).await;
    let office = Office::open(bot).await;
    office
        .call(Row {
            created: "2020-01-01T00:00:00Z",
            ..Row::default()
        })
        .await;
    let pool = office.bot.pool().await;
    let old = uuid::Uuid::new_v7(uuid::Timestamp::from_unix_time(1_500_000_000, 0, 0, 0));
    for id in [old, uuid::Uuid::now_v7()] {
        sqlx::query("INSERT INTO audit_logs (id, action) VALUES ($1, 'login')")
            .bind(id)
            .execute(&pool)
            .await
            .expect("a line");
    }
    retention::round(&office.bot.state).await.expect("a round");
    assert_eq!(
        count(&office.bot, "audit_logs WHERE action = 'login'").await,
        1
    );
    assert_eq!(
        count(&office.bot, "calls").await,
        1,
        "RETENTION_DAYS is 0: for ever"
    );
}
