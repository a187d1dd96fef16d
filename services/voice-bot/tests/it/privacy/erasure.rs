//! Customers who want to be forgotten.

use crate::calls::{Office, Row};
use crate::support::Bot;
use api::Role;
use serde_json::json;

#[tokio::test]
async fn a_customer_is_erased_with_everything_and_the_log_does_not_say_who_they_were() {
    for hipaa in [false, true] {
        let bot = Bot::with(|config| config.common.hipaa_mode = hipaa).await;
        let office = Office::open(bot).await;
        let path = format!("/api/customers/{}", office.customer);
        let change = json!({"name": "Kunigunde", "phone_number": "+4915550177665"});
        office.owner.patch(&path, change).await.expect(200);
        let data = office.bot.data.path();
        let recorded = office.recorded("theirs.wav", b"RIFF").await;
        let pool = office.bot.pool().await;
        let set = async |id: &str, what: &str| {
            let sql = format!("UPDATE calls SET {what} WHERE id = $1::uuid");
            let set = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id);
            set.execute(&pool).await.expect("a call can be changed");
        };
        set(&recorded, &format!("customer_id = '{}'", office.customer)).await;
        // From before anybody knew whose number it was.
        let before = office.call(Row::default()).await;
        set(&before, "from_number = '+4915550177665'").await;
        let other = office.call(Row::default()).await;
        set(&other, "from_number = '+4915550177666'").await;
        for folder in ["outbox/calls", "outbox/calls/dead"] {
            let journal = data
                .join(folder)
                .join(format!("{}.jsonl", before.replace('-', "")));
            std::fs::create_dir_all(journal.parent().expect("a folder")).expect("made");
            std::fs::write(journal, "{}").expect("written");
        }
        let going_on = office.call(Row {
            customer: true,
            status: "in-progress",
            ..Row::default()
        });
        let going_on = going_on.await;
        let erase = format!("{path}?erase=true");
        office.owner.delete(&erase).await.refused(409, "conflict");
        set(&going_on, "status = 'completed'").await;

        let (member, ..) = office
            .bot
            .member(Some(office.organization), Role::Member)
            .await;
        member.delete(&erase).await.refused(403, "role_required");
        let (stranger, ..) = office.bot.member(None, Role::Owner).await;
        stranger.delete(&erase).await.refused(404, "not_found");

        let erased = office.owner.delete(&erase).await.expect(200);
        assert_eq!(erased, json!({"calls": 3, "recordings": 1}));
        assert_eq!(office.found("").await, [other]);
        office.owner.get(&path).await.refused(404, "not_found");
        office.owner.delete(&erase).await.refused(404, "not_found");
        assert!(super::holding(&[&data.join("recordings")], "RIFF").is_empty());
        let left = std::fs::read_dir(data.join("outbox/calls/dead")).expect("a folder");
        assert_eq!(left.count(), 0);
        let log = office.owner.get("/api/audit").await.expect(200);
        let entry = &log
            .as_array()
            .expect("a list")
            .iter()
            .find(|e| e["action"] == "customer.erased");
        let entry = entry.expect("it is on record");
        assert_eq!(entry["details"]["customer_id"], json!(office.customer));
        let text = log.to_string();
        assert!(!text.contains("Kunigunde") && !text.contains("5550177665"));
    }
}
