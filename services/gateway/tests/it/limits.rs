//! Requests a minute, and guesses at tokens.

use crate::support::{Running, error};
use serde_json::json;

#[tokio::test]
async fn a_token_may_make_as_many_requests_as_its_limit_says() {
    let run = Running::start().await;
    let (token, _) = run
        .token_with(json!({"user_id": "slow", "rate_limit_rpm": 2}))
        .await;
    let first = run.get("/asr/models", &token).await;
    assert_eq!(
        (
            first.header("ratelimit-limit"),
            first.header("ratelimit-remaining")
        ),
        ("2", "1")
    );
    assert_eq!(
        run.get("/asr/models", &token)
            .await
            .header("ratelimit-remaining"),
        "0"
    );

    let refused = run.get("/asr/models", &token).await;
    assert_eq!(refused.error(), error(429, "rate_limited"));
    assert_eq!(
        (
            refused.header("retry-after"),
            refused.header("ratelimit-reset")
        ),
        ("30", "60")
    );
    assert_eq!(
        run.get("/asr/models", &run.admin).await.status,
        200,
        "others go on"
    );

    let statuses: Vec<_> = run
        .usage("slow")
        .await
        .iter()
        .map(|row| row["status"].as_u64().unwrap())
        .collect();
    assert_eq!(
        statuses,
        [429, 200, 200],
        "a refused request is counted too"
    );
}

#[tokio::test]
async fn guessing_is_slowed_down_and_right_tokens_are_not() {
    let run = Running::with(|config| config.auth_failures_rpm = 3).await;
    for _ in 0..3 {
        assert_eq!(
            run.get("/asr/models", "wh_guess").await.error(),
            error(401, "invalid_token")
        );
    }
    let refused = run.get("/asr/models", "wh_guess").await;
    assert_eq!(refused.error(), error(429, "rate_limited"));
    assert!(refused.header("retry-after").parse::<u64>().unwrap() <= 60);
    assert_eq!(run.get("/asr/models", &run.admin).await.status, 200);
}
