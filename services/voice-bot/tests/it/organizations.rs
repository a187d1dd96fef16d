//! Organizations and their members.

use crate::support::Bot;
use api::Role;
use api::ids::OrganizationId;
use serde_json::{Value, json};

/// What the audit log of an organization tells of.
pub async fn actions(bot: &Bot, organization: OrganizationId) -> Vec<String> {
    sqlx::query_scalar("SELECT action FROM audit_logs WHERE organization_id = $1 ORDER BY id")
        .bind(organization.0)
        .fetch_all(&bot.pool().await)
        .await
        .expect("the log can be read")
}

fn ids(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list");
    list.iter().filter_map(|item| item["id"].as_str()).collect()
}

#[tokio::test]
async fn the_examples_of_the_reference_run() {
    let bot = Bot::start().await;
    let (person, user, first) = bot.member(None, Role::Owner).await;
    let acme = json!({"name": "Acme Corp", "slug": "acme"});
    let made = person.post("/api/orgs", acme).await.expect(201);
    assert_eq!(made["name"], "Acme Corp");
    assert_eq!(made["slug"], "acme");
    assert_eq!(made["role"], "owner");
    assert_eq!(made["owner_user_id"], json!(user));
    // Making one does not move anybody who works elsewhere.
    let active = person.get("/api/orgs/active").await.expect(200);
    assert_eq!(active["id"], json!(first));
    let to = json!({"organization_id": made["id"]});
    let switched = person.post("/api/orgs/switch", to).await.expect(200);
    assert_eq!(switched, made);
    let active = person.get("/api/orgs/active").await.expect(200);
    assert_eq!(active, made);
    let last: uuid::Uuid =
        sqlx::query_scalar("SELECT last_organization_id FROM users WHERE id = $1")
            .bind(user.0)
            .fetch_one(&bot.pool().await)
            .await
            .expect("it follows");
    assert_eq!(json!(last), made["id"]);
    let all = person.get("/api/orgs").await.expect(200);
    assert_eq!(
        ids(&all),
        [made["id"].as_str().unwrap(), &first.to_string()]
    );
    let page = person.get("/api/orgs?limit=1").await.expect(200);
    assert_eq!(ids(&page["data"]), [made["id"].as_str().unwrap()]);
    let next = page["next_cursor"].as_str().expect("there is more");
    let page = person
        .get(&format!("/api/orgs?cursor={next}"))
        .await
        .expect(200);
    assert_eq!(ids(&page["data"]), [first.to_string()]);
    assert_eq!(page["next_cursor"], Value::Null);
}

#[tokio::test]
async fn a_slug_is_made_where_none_is_given_and_belongs_to_one_organization() {
    let bot = Bot::start().await;
    let (person, _, own) = bot.member(None, Role::Owner).await;
    let made = person
        .post("/api/orgs", json!({"name": " Söhne & Co "}))
        .await
        .expect(201);
    assert_eq!(made["name"], "Söhne & Co");
    assert!(made["slug"].as_str().unwrap().starts_with("s-hne-co-"));
    let taken = json!({"name": "x", "slug": made["slug"]});
    let refused = person
        .post("/api/orgs", taken.clone())
        .await
        .refused(409, "slug_taken");
    assert_eq!(refused.json()["error"]["param"], "slug");
    person
        .patch(&format!("/api/orgs/{own}"), taken)
        .await
        .refused(409, "slug_taken");
}

#[tokio::test]
async fn what_cannot_be_a_name_or_a_slug_is_refused_with_its_field() {
    let bot = Bot::start().await;
    let (person, _, own) = bot.member(None, Role::Owner).await;
    let long = "x".repeat(129);
    let huge = "x".repeat(900_000);
    for (name, slug, param) in [
        ("", "ok", "name"),
        ("   ", "ok", "name"),
        ("a\0b", "ok", "name"),
        ("a\nb", "ok", "name"),
        (long.as_str(), "ok", "name"),
        (huge.as_str(), "ok", "name"),
        ("ok", "", "slug"),
        ("ok", "Acme", "slug"),
        ("ok", "-a", "slug"),
        ("ok", "a\0", "slug"),
        ("ok", "a'; DROP TABLE users; --", "slug"),
        ("ok", long.as_str(), "slug"),
    ] {
        let body = json!({"name": name, "slug": slug});
        for answer in [
            person.post("/api/orgs", body.clone()).await,
            person.patch(&format!("/api/orgs/{own}"), body).await,
        ] {
            let answer = answer.refused(422, "invalid_parameter");
            assert_eq!(answer.json()["error"]["param"], param);
        }
    }
    let answer = person
        .post("/api/orgs", json!({"name": "x".repeat(1 << 20)}))
        .await;
    answer.refused(413, "body_too_large");
    person
        .post("/api/orgs", json!({}))
        .await
        .refused(422, "missing_parameter");
    let name = "ü".repeat(128);
    person
        .post("/api/orgs", json!({"name": name}))
        .await
        .expect(201);
}

#[tokio::test]
async fn fields_that_nobody_may_set_are_ignored() {
    let bot = Bot::start().await;
    let (person, user, own) = bot.member(None, Role::Owner).await;
    let (_, stranger, foreign) = bot.member(None, Role::Owner).await;
    let body = json!({"name": "New", "id": foreign, "organization_id": foreign, "owner_user_id": stranger,
                      "role": "member", "created_at": "2001-01-01T00:00:00Z"});
    let made = person.post("/api/orgs", body.clone()).await.expect(201);
    assert_ne!(made["id"], json!(foreign));
    let changed = person
        .patch(&format!("/api/orgs/{own}"), body)
        .await
        .expect(200);
    for organization in [made, changed] {
        assert_eq!(organization["owner_user_id"], json!(user));
        assert_eq!(organization["role"], "owner");
        assert!(
            !organization["created_at"]
                .as_str()
                .unwrap()
                .starts_with("2001")
        );
    }
}

#[tokio::test]
async fn admins_change_settings_and_only_owners_delete() {
    let bot = Bot::start().await;
    let (owner, _, id) = bot.member(None, Role::Owner).await;
    let (admin, ..) = bot.member(Some(id), Role::Admin).await;
    let (member, ..) = bot.member(Some(id), Role::Member).await;
    let path = format!("/api/orgs/{id}");
    member
        .patch(&path, json!({"name": "M"}))
        .await
        .refused(403, "role_required");
    let changed = admin.patch(&path, json!({"name": "A"})).await.expect(200);
    assert_eq!(changed["name"], "A");
    let read = member.get(&path).await.expect(200);
    assert_eq!(
        (&read["name"], &read["role"]),
        (&json!("A"), &json!("member"))
    );
    for nobody in [&member, &admin] {
        nobody.delete(&path).await.refused(403, "role_required");
    }
    owner.delete(&path).await.expect(204);
    assert_eq!(
        actions(&bot, id).await,
        ["organization.updated", "organization.deleted"]
    );
    // Who worked there works nowhere until they go elsewhere.
    admin
        .get("/api/audit")
        .await
        .refused(403, "organization_required");
    admin.get(&path).await.refused(404, "not_found");
    assert_eq!(admin.get("/api/orgs").await.expect(200), json!([]));
    let made = admin
        .post("/api/orgs", json!({"name": "Mine"}))
        .await
        .expect(201);
    assert_eq!(admin.get("/api/orgs/active").await.expect(200), made);
}

#[tokio::test]
async fn any_organization_one_belongs_to_can_be_named_and_no_other() {
    let bot = Bot::start().await;
    let (person, user, _) = bot.member(None, Role::Owner).await;
    let (_, _, other) = bot.member(None, Role::Owner).await;
    let (stranger, ..) = bot.member(None, Role::Owner).await;
    sqlx::query("INSERT INTO organization_memberships (organization_id, user_id, role) VALUES ($1, $2, 'member')")
        .bind(other.0)
        .bind(user.0)
        .execute(&bot.pool().await)
        .await
        .expect("they join");
    let path = format!("/api/orgs/{other}");
    person.get(&path).await.expect(200);
    // The role is that of the organization in the path, not of the active one.
    person
        .patch(&path, json!({"name": "x"}))
        .await
        .refused(403, "role_required");
    stranger.get(&path).await.refused(404, "not_found");
    stranger
        .post("/api/orgs/switch", json!({"organization_id": other}))
        .await
        .refused(404, "not_found");
    for odd in [
        "x",
        "..%2f..",
        "%00",
        "00000000-0000-0000-0000-000000000000",
    ] {
        stranger
            .get(&format!("/api/orgs/{odd}"))
            .await
            .refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_deleted_organization_takes_everything_with_it() {
    let bot = Bot::start().await;
    let (owner, _, id) = bot.member(None, Role::Owner).await;
    let (bystander, _, kept) = bot.member(None, Role::Owner).await;
    bot.member(Some(id), Role::Member).await;
    let pool = bot.pool().await;
    let root = bot.state.config.recordings_dir();
    for organization in [id, kept] {
        plant(&pool, organization).await;
        std::fs::create_dir_all(root.join(organization.to_string())).unwrap();
        std::fs::write(root.join(format!("{organization}/call.wav")), "RIFF").unwrap();
    }
    owner.delete(&format!("/api/orgs/{id}")).await.expect(204);
    for table in [
        "agents",
        "customers",
        "calls",
        "organization_invitations",
        "organization_memberships",
    ] {
        let count = format!("SELECT count(*) FROM {table} WHERE organization_id = $1");
        for (organization, left) in [(id, false), (kept, true)] {
            let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count.clone()))
                .bind(organization.0)
                .fetch_one(&pool)
                .await
                .expect("a count");
            assert_eq!(rows > 0, left, "{table}");
        }
    }
    assert!(!root.join(id.to_string()).exists());
    assert!(root.join(format!("{kept}/call.wav")).exists());
    bystander.get("/api/orgs/active").await.expect(200);
}

/// A row of everything an organization owns.
async fn plant(pool: &sqlx::PgPool, organization: OrganizationId) {
    for statement in [
        "INSERT INTO agents (id, organization_id, name, voice) VALUES ($1, $1, 'a', 'af_heart')",
        "INSERT INTO customers (id, organization_id, name) VALUES ($1, $1, 'c')",
        "INSERT INTO calls (id, organization_id, agent_id, customer_id, direction) VALUES ($1, $1, $1, $1, 'web')",
        "INSERT INTO organization_invitations (id, organization_id, email, role, token_hash, expires_at)
         VALUES ($1, $1, 'a@example.com', 'member', sha256($1::text::bytea), now())",
    ] {
        sqlx::query(statement).bind(organization.0).execute(pool).await.expect("a row can be made");
    }
}

#[tokio::test]
async fn recordings_that_a_crash_left_behind_are_swept_and_no_others() {
    let bot = Bot::start().await;
    let (owner, _, gone) = bot.member(None, Role::Owner).await;
    let (_, _, kept) = bot.member(None, Role::Owner).await;
    let unknown = data_model::new_id::<OrganizationId>();
    owner.delete(&format!("/api/orgs/{gone}")).await.expect(204);
    let root = bot.state.config.recordings_dir();
    for folder in [
        gone.to_string(),
        kept.to_string(),
        unknown.to_string(),
        ".trash/x".into(),
        "notes".into(),
    ] {
        std::fs::create_dir_all(root.join(&folder)).unwrap();
        std::fs::write(root.join(&folder).join("call.wav"), "RIFF").unwrap();
    }
    voice_bot::organizations::sweep(&bot.state).await;
    let exists = |folder: &str| root.join(folder).exists();
    assert!(!exists(&gone.to_string()) && !exists(".trash/x"));
    // Of an organization that another database may know, and of things that are not ours.
    assert!(exists(&kept.to_string()) && exists(&unknown.to_string()) && exists("notes"));
}

#[tokio::test]
async fn a_guest_has_a_space_and_makes_no_organizations() {
    let bot = Bot::start().await;
    let (guest, _, id) = bot.guest().await;
    guest
        .post("/api/orgs", json!({"name": "x"}))
        .await
        .refused(403, "account_required");
    let invitation = json!({"email": "a@example.com", "role": "member"});
    guest
        .post(&format!("/api/orgs/{id}/invitations"), invitation)
        .await
        .refused(403, "account_required");
    guest
        .post("/api/invitations/accept", json!({"token": "x"}))
        .await
        .refused(403, "account_required");
    guest
        .patch(&format!("/api/orgs/{id}"), json!({"name": "Den"}))
        .await
        .expect(200);
    let list = guest
        .get(&format!("/api/orgs/{id}/members"))
        .await
        .expect(200);
    assert_eq!(list[0]["email"], Value::Null);
}
