//! Every request is counted once, whatever happens to it.

use crate::support::{Running, error};
use serde_json::Value;
use std::collections::HashSet;

#[tokio::test]
async fn nothing_is_lost_when_the_gateway_stops_right_after_the_last_answer() {
    let run = Running::start().await;
    let (token, _) = run.token("busy").await;
    let requests = (0..150).map(|_| run.get("/asr/models", &token));
    for answer in futures::future::join_all(requests).await {
        assert_eq!(answer.status, 200);
    }
    let folder = run.stop().await;
    let run = Running::again(folder, |_| {}).await;
    let rows = run.usage("busy").await;
    assert_eq!(rows.len(), 150);
    let row = &rows[0];
    for (field, value) in [
        ("service", "asr"),
        ("method", "GET"),
        ("route", "/asr/{path}"),
    ] {
        assert_eq!(row[field], value);
    }
    assert_eq!(
        (row["audio_seconds"].as_f64(), row["characters"].as_u64()),
        (Some(2.5), Some(7))
    );
    assert!(row["bytes_out"].as_u64().unwrap() > 100);
}

#[tokio::test]
async fn pages_hold_every_row_once_and_newest_first() {
    let run = Running::start().await;
    let (token, _) = run.token("reader").await;
    for _ in 0..25 {
        run.get("/asr/models", &token).await;
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = run
            .get(
                &format!("/auth/usage?user_id=reader&limit=7{cursor}"),
                &run.admin,
            )
            .await
            .json();
        seen.extend(page["usage"].as_array().unwrap().clone());
        // Requests that come while somebody reads do not shift the pages.
        run.get("/asr/models", &token).await;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 25);
    let times: Vec<&str> = seen
        .iter()
        .map(|row| row["time"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted_by(|a, b| a >= b));
}

#[tokio::test]
async fn the_summary_adds_up() {
    let run = Running::start().await;
    let (token, _) = run.token("app").await;
    for _ in 0..3 {
        run.get("/asr/models", &token).await;
    }
    run.get("/tts/voices", &token).await;
    let summary = run
        .get("/auth/usage/summary?user_id=app&days=1", &run.admin)
        .await
        .json();
    let of = |service: &str| -> &Value {
        summary["summary"]
            .as_array()
            .unwrap()
            .iter()
            .find(|line| line["service"] == service)
            .unwrap()
    };
    assert_eq!(
        (of("asr")["requests"].as_u64(), of("asr")["errors"].as_u64()),
        (Some(3), Some(0))
    );
    assert_eq!(
        (of("tts")["requests"].as_u64(), of("tts")["errors"].as_u64()),
        (Some(1), Some(1))
    );
    assert_eq!(of("asr")["audio_seconds"], 7.5);
    assert_eq!(summary["total"]["requests"], 4);
    let days: HashSet<_> = summary["summary"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["day"].as_str().unwrap())
        .collect();
    assert!(days.iter().all(|day| day.len() == 10));
}

#[tokio::test]
async fn wrong_questions_are_refused_by_name() {
    let run = Running::start().await;
    for (query, param) in [
        ("days=0", "days"),
        ("days=x", "days"),
        ("limit=1001", "limit"),
        ("cursor=zz", "cursor"),
    ] {
        let answer = run.get(&format!("/auth/usage?{query}"), &run.admin).await;
        assert_eq!(answer.error(), error(422, "invalid_parameter"), "{query}");
        assert_eq!(answer.json()["error"]["param"], param);
    }
}
