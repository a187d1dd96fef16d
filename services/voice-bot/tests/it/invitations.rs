//! Invitations, from the letter to the membership.

use crate::support::{Bot, Visitor};
use api::Role;
use api::ids::{OrganizationId, UserId};
use serde_json::{Value, json};

fn path(organization: OrganizationId) -> String {
    format!("/api/orgs/{organization}/invitations")
}

fn address(user: UserId) -> String {
    format!("{user}@example.com")
}

/// Invites and reads the token from the letter.
async fn invite(
    bot: &Bot,
    by: &Visitor,
    organization: OrganizationId,
    email: &str,
    role: &str,
) -> (Value, String) {
    let body = json!({"email": email, "role": role});
    let made = by.post(&path(organization), body).await.expect(201);
    (made, token(bot))
}

/// What the newest letter holds.
fn token(bot: &Bot) -> String {
    let outbox = bot.data.path().join("outbox");
    let files = std::fs::read_dir(outbox).expect("letters were written");
    let files = files.map(|file| file.expect("a file").path());
    let letters = files.filter(|path| path.extension().is_some_and(|ext| ext == "eml"));
    let newest = letters.max_by_key(|path| {
        let about = path.metadata().expect("a file");
        about.modified().expect("a time")
    });
    let text = std::fs::read_to_string(newest.expect("a letter")).expect("a text");
    // Quoted-printable: lines are folded, and `=` is `=3D`.
    let text = text.replace("=\r\n", "").replace("=3D", "=");
    let (_, rest) = text
        .split_once("/invitations/accept?token=")
        .expect("a link");
    rest.chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect()
}

async fn expire(bot: &Bot) {
    sqlx::query("UPDATE organization_invitations SET expires_at = now() - interval '1 second'")
        .execute(&bot.pool().await)
        .await
        .expect("time passes");
}

async fn accept(who: &Visitor, token: &str) -> crate::support::Answer {
    who.post("/api/invitations/accept", json!({"token": token}))
        .await
}

#[tokio::test]
async fn whoever_is_invited_joins_once() {
    let bot = Bot::start().await;
    let (owner, owner_id, id) = bot.member(None, Role::Owner).await;
    let (guest, user, _) = bot.member(None, Role::Owner).await;
    let pool = bot.pool().await;
    for (statement, user) in [
        ("UPDATE users SET name = 'Ada' WHERE id = $1", owner_id),
        (
            "UPDATE users SET email_verified_at = NULL WHERE id = $1",
            user,
        ),
    ] {
        sqlx::query(statement)
            .bind(user.0)
            .execute(&pool)
            .await
            .expect("an update");
    }
    let email = address(user).to_uppercase();
    let (made, token) = invite(&bot, &owner, id, &email, "admin").await;
    assert_eq!(
        (&made["email"], &made["role"]),
        (&json!(email), &json!("admin"))
    );
    assert!(made.get("token").is_none());
    assert_eq!(owner.get(&path(id)).await.expect(200), json!([made]));

    let preview = bot
        .visitor()
        .get(&format!("/api/invitations/preview?token={token}"))
        .await
        .expect(200);
    assert_eq!(preview["organization_name"], "Test");
    assert_eq!(preview["inviter_name"], "Ada");
    assert_eq!(preview["role"], "admin");
    assert!(
        preview["email"]
            .as_str()
            .unwrap()
            .ends_with("***@EXAMPLE.COM")
    );

    let joined = accept(&guest, &token).await.expect(200);
    assert_eq!(
        (&joined["id"], &joined["role"]),
        (&json!(id), &json!("admin"))
    );
    assert_eq!(guest.get("/api/orgs/active").await.expect(200), joined);
    let verified: bool =
        sqlx::query_scalar("SELECT email_verified_at IS NOT NULL FROM users WHERE id = $1")
            .bind(user.0)
            .fetch_one(&pool)
            .await
            .expect("the user");
    assert!(verified, "the letter came to them");
    assert_eq!(owner.get(&path(id)).await.expect(200), json!([]));
    let refused = accept(&guest, &token).await.refused(422, "expired_token");
    assert_eq!(refused.json()["error"]["param"], "token");
    bot.visitor()
        .get(&format!("/api/invitations/preview?token={token}"))
        .await
        .refused(422, "expired_token");
    let again = json!({"email": email, "role": "member"});
    owner.post(&path(id), again).await.refused(409, "conflict");
}

#[tokio::test]
async fn one_invitation_accepted_many_times_at_once_counts_once() {
    let bot = Bot::start().await;
    let (owner, _, id) = bot.member(None, Role::Owner).await;
    let (guest, user, _) = bot.member(None, Role::Owner).await;
    let (_, token) = invite(&bot, &owner, id, &address(user), "member").await;
    let (a, b, c) = tokio::join!(
        accept(&guest, &token),
        accept(&guest, &token),
        accept(&guest, &token)
    );
    let mut statuses = [a, b, c].map(|answer| answer.status.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422, 422]);
}

#[tokio::test]
async fn an_invitation_is_for_one_address() {
    let bot = Bot::start().await;
    let (owner, _, id) = bot.member(None, Role::Owner).await;
    let (invited, user, _) = bot.member(None, Role::Owner).await;
    let (thief, ..) = bot.member(None, Role::Owner).await;
    let (_, token) = invite(&bot, &owner, id, &address(user), "member").await;
    accept(&thief, &token).await.refused(403, "wrong_recipient");
    bot.visitor()
        .post("/api/invitations/accept", json!({"token": token}))
        .await
        .refused(401, "missing_session");
    thief
        .get(&format!("/api/orgs/{id}"))
        .await
        .refused(404, "not_found");
    accept(&invited, &token).await.expect(200);
}

#[tokio::test]
async fn a_second_letter_voids_the_first() {
    let bot = Bot::start().await;
    let (owner, _, id) = bot.member(None, Role::Owner).await;
    let (invited, user, _) = bot.member(None, Role::Owner).await;
    let (first, old) = invite(&bot, &owner, id, &address(user), "member").await;
    let (second, new) = invite(&bot, &owner, id, &address(user).to_uppercase(), "admin").await;
    assert_ne!(first["id"], second["id"]);
    assert_eq!(owner.get(&path(id)).await.expect(200), json!([second]));
    accept(&invited, &old).await.refused(422, "expired_token");
    assert_eq!(accept(&invited, &new).await.expect(200)["role"], "admin");
}

#[tokio::test]
async fn an_invitation_ends_after_a_week_when_revoked_and_with_its_inviter() {
    let bot = Bot::start().await;
    let (owner, _, id) = bot.member(None, Role::Owner).await;
    let (admin, admin_id, _) = bot.member(Some(id), Role::Admin).await;
    let (invited, user, _) = bot.member(None, Role::Owner).await;

    let (made, token) = invite(&bot, &owner, id, &address(user), "member").await;
    let parse = |field: &str| {
        let text = made[field].as_str().expect("a time");
        time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339)
            .expect("RFC 3339")
    };
    assert_eq!(
        parse("expires_at") - parse("created_at"),
        time::Duration::days(7)
    );
    expire(&bot).await;
    accept(&invited, &token).await.refused(422, "expired_token");
    assert_eq!(owner.get(&path(id)).await.expect(200), json!([]));

    let (made, token) = invite(&bot, &owner, id, &address(user), "member").await;
    let one = format!("{}/{}", path(id), made["id"].as_str().unwrap());
    let (stranger, _, elsewhere) = bot.member(None, Role::Owner).await;
    stranger.delete(&one).await.refused(404, "not_found");
    let disguised = format!("{}/{}", path(elsewhere), made["id"].as_str().unwrap());
    stranger.delete(&disguised).await.refused(404, "not_found");
    owner.delete(&one).await.expect(204);
    owner.delete(&one).await.refused(404, "not_found");
    accept(&invited, &token).await.refused(422, "expired_token");

    // Somebody who is thrown out has no way back in through a letter of their own.
    let (_, token) = invite(&bot, &admin, id, &address(user), "admin").await;
    owner
        .delete(&format!("/api/orgs/{id}/members/{admin_id}"))
        .await
        .expect(204);
    accept(&invited, &token).await.refused(422, "expired_token");
}

#[tokio::test]
async fn only_admins_invite_and_nobody_invites_owners() {
    let bot = Bot::start().await;
    let (owner, _, id) = bot.member(None, Role::Owner).await;
    let (member, ..) = bot.member(Some(id), Role::Member).await;
    let (stranger, ..) = bot.member(None, Role::Owner).await;
    let body = json!({"email": "a@example.com", "role": "member"});
    member
        .post(&path(id), body.clone())
        .await
        .refused(403, "role_required");
    member.get(&path(id)).await.refused(403, "role_required");
    stranger
        .post(&path(id), body)
        .await
        .refused(404, "not_found");
    for (email, role, param) in [
        ("a@example.com", "owner", "role"),
        ("a", "member", "email"),
        ("a@example.com\r\nBcc: b@example.com", "member", "email"),
        ("a\0@example.com", "member", "email"),
        ("a@example.com, b@example.com", "member", "email"),
        (
            &format!("{}@example.com", "x".repeat(65)),
            "member",
            "email",
        ),
        (&format!("a@{}.com", "x".repeat(250)), "member", "email"),
    ] {
        let answer = owner
            .post(&path(id), json!({"email": email, "role": role}))
            .await;
        let answer = answer.refused(422, "invalid_parameter");
        assert_eq!(answer.json()["error"]["param"], param);
    }
}

#[tokio::test]
async fn nobody_sends_more_than_a_hundred_letters_a_day() {
    let bot = Bot::start().await;
    let (owner, user, id) = bot.member(None, Role::Owner).await;
    sqlx::query(
        "INSERT INTO audit_logs (id, user_id, action, created_at)
         SELECT gen_random_uuid(), $1, 'invitation.created', now() - interval '23 hours' FROM generate_series(1, 100)",
    )
    .bind(user.0)
    .execute(&bot.pool().await)
    .await
    .expect("a busy day");
    let body = json!({"email": "a@example.com", "role": "member"});
    let refused = owner
        .post(&path(id), body)
        .await
        .refused(429, "rate_limited");
    let wait = refused.retry_after().expect("Retry-After");
    assert!((3590..=3600).contains(&wait), "{wait}");
}

#[tokio::test]
async fn tokens_that_never_were_are_refused_alike() {
    let bot = Bot::start().await;
    let (person, ..) = bot.member(None, Role::Owner).await;
    for token in ["x", "%00", "' OR 1=1 --", &"x".repeat(4000)] {
        accept(&person, token).await.refused(422, "expired_token");
    }
    person
        .post("/api/invitations/accept", json!({"token": 1}))
        .await
        .refused(422, "invalid_parameter");
    bot.visitor()
        .get("/api/invitations/preview")
        .await
        .refused(422, "missing_parameter");
    bot.visitor()
        .get("/api/invitations/preview?token=%00")
        .await
        .refused(422, "expired_token");
}
