//! Customers: who calls, or is called.

use crate::error::{Error, Result};
use crate::id::new_id;
use crate::page::{Cursor, Page, Paging};
use crate::sealed::{open_json, open_maybe, seal_json, seal_maybe, seals_with};
use crate::tenant::Tenant;
use api::ids::CustomerId;
use sealing::Sealer;
use serde_json::Value;
use time::OffsetDateTime;

/// Somebody who calls, or is called.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Their id.
    pub id: CustomerId,
    /// What they are called.
    pub name: String,
    /// E.164; callers are recognised by it.
    pub phone_number: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// An object.
    pub metadata: Value,
    /// When the record was made.
    pub created_at: OffsetDateTime,
    /// When it was last changed.
    pub updated_at: OffsetDateTime,
}

/// What a customer is made of; checked already.
#[derive(Debug, Clone)]
pub struct NewCustomer {
    /// What they are called.
    pub name: String,
    /// E.164.
    pub phone_number: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// An object.
    pub metadata: Value,
}

/// What changes of a customer; `None` stays, `Some(None)` is emptied.
#[derive(Debug, Clone, Default)]
pub struct CustomerChange {
    /// What they are called.
    pub name: Option<String>,
    /// E.164.
    pub phone_number: Option<Option<String>>,
    /// Their e-mail address.
    pub email: Option<Option<String>>,
    /// Replaces all metadata.
    pub metadata: Option<Value>,
}

/// What telephone numbers are indexed as.
pub(crate) const PHONE: &str = "customers.phone_number";
/// Sealed names that a search opens at most, the newest.
const SEARCHED: i64 = 20_000;

/// Where a part of a customer belongs.
pub(crate) fn place(column: &str, customer: CustomerId) -> String {
    format!("customers.{column}/{customer}")
}

/// A sealed name as it is read.
pub(crate) fn open_name(sealer: &Sealer, customer: CustomerId, stored: String) -> Result<String> {
    Ok(sealer.open_text(&place("name", customer), &stored)?)
}

/// What a sealed number is found by.
pub(crate) fn phone_index(sealer: &Sealer, number: Option<&str>) -> Option<Vec<u8>> {
    Some(sealer.index(PHONE, number?)?.to_vec())
}

impl Customer {
    /// As it is read.
    pub(crate) fn opened(mut self, sealer: &Sealer) -> Result<Self> {
        self.name = open_name(sealer, self.id, self.name)?;
        self.phone_number = open_maybe(sealer, &place("phone_number", self.id), self.phone_number)?;
        self.email = open_maybe(sealer, &place("email", self.id), self.email)?;
        self.metadata = open_json(sealer, &place("metadata", self.id), self.metadata)?;
        Ok(self)
    }
}

/// A statement that gives customers: what stands before and after the columns, and its arguments.
macro_rules! customers {
    ($before:literal, $after:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            Customer,
            $before + r#" id, name, phone_number, email::text AS email, metadata, created_at, updated_at "# + $after
            $(, $argument)*
        )
    };
}

impl Tenant<'_> {
    /// All customers, or a page of them.
    pub async fn customers(&self, paging: Paging) -> Result<Page<Customer>> {
        let rows = customers!(
            "SELECT",
            "FROM customers
             WHERE organization_id = $1 AND deleted_at IS NULL
               AND (created_at, id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
             ORDER BY created_at DESC, id DESC LIMIT $4",
            self.id().0,
            paging.time(),
            paging.id(),
            paging.fetch(),
        )
        .fetch_all(self.pool())
        .await?;
        let rows = rows.into_iter().map(|row| row.opened(self.sealer()));
        let rows = rows.collect::<Result<Vec<_>>>()?;
        Ok(paging.page(rows, |customer| Cursor {
            time: customer.created_at,
            id: customer.id.0,
        }))
    }

    /// One customer.
    pub async fn customer(&self, id: CustomerId) -> Result<Customer> {
        let customer = customers!(
            "SELECT",
            "FROM customers WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL",
            self.id().0,
            id.0,
        )
        .fetch_one(self.pool())
        .await?;
        customer.opened(self.sealer())
    }

    /// Who has this telephone number (E.164).
    pub async fn customer_by_number(&self, number: &str) -> Result<Option<Customer>> {
        let indexes = self.sealer().indexes(PHONE, number);
        let customer = customers!(
            "SELECT",
            "FROM customers WHERE organization_id = $1 AND (phone_number = $2 OR phone_index = ANY($3)) AND deleted_at IS NULL",
            self.id().0,
            number,
            indexes.as_slice(),
        )
        .fetch_optional(self.pool())
        .await?;
        let opened = customer.map(|customer| customer.opened(self.sealer()));
        opened.transpose()
    }

    /// Makes a customer. A number that another one has is the constraint `customers_phone_number`.
    pub async fn add_customer(&self, new: &NewCustomer) -> Result<Customer> {
        let id = new_id::<CustomerId>();
        let sealer = self.sealer();
        self.check_number(id, new.phone_number.as_deref()).await?;
        let customer = customers!(
            "INSERT INTO customers (id, organization_id, name, phone_number, email, metadata, phone_index, sealed_with)
             VALUES ($1, $2, $3, $4, $5::text::citext, $6, $7, $8) RETURNING",
            "",
            id.0,
            self.id().0,
            sealer.seal_text(&place("name", id), &new.name)?,
            seal_maybe(sealer, &place("phone_number", id), new.phone_number.as_deref())?,
            seal_maybe(sealer, &place("email", id), new.email.as_deref())?,
            seal_json(sealer, &place("metadata", id), &new.metadata)?,
            phone_index(sealer, new.phone_number.as_deref()),
            seals_with(sealer),
        )
        .fetch_one(self.pool())
        .await?;
        customer.opened(sealer)
    }

    /// Changes a customer.
    pub async fn change_customer(
        &self,
        id: CustomerId,
        change: &CustomerChange,
    ) -> Result<Customer> {
        let sealer = self.sealer();
        let name = change.name.as_deref();
        let name = seal_maybe(sealer, &place("name", id), name)?;
        let metadata = change.metadata.as_ref();
        let metadata = metadata.map(|value| seal_json(sealer, &place("metadata", id), value));
        let number = change.phone_number.as_ref().and_then(Option::as_deref);
        let email = change.email.as_ref().and_then(Option::as_deref);
        self.check_number(id, number).await?;
        let customer = customers!(
            "UPDATE customers SET
                name = coalesce($3, name), metadata = coalesce($4, metadata),
                phone_number = CASE WHEN $5 THEN $6 ELSE phone_number END,
                phone_index = CASE WHEN $5 THEN $9 ELSE phone_index END,
                email = CASE WHEN $7 THEN $8::text::citext ELSE email END,
                sealed_with = CASE WHEN sealed_with = $10 THEN sealed_with END,
                updated_at = now()
             WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING",
            "",
            self.id().0,
            id.0,
            name,
            metadata.transpose()?,
            change.phone_number.is_some(),
            seal_maybe(sealer, &place("phone_number", id), number)?,
            change.email.is_some(),
            seal_maybe(sealer, &place("email", id), email)?,
            phone_index(sealer, number),
            seals_with(sealer),
        )
        .fetch_one(self.pool())
        .await?;
        customer.opened(sealer)
    }

    /// The indexes see plain numbers and those sealed with one key; here all are seen.
    async fn check_number(&self, own: CustomerId, number: Option<&str>) -> Result<()> {
        let Some(number) = number.filter(|_| !self.sealer().indexes(PHONE, "").is_empty()) else {
            return Ok(());
        };
        match self.customer_by_number(number).await? {
            Some(other) if other.id != own => {
                Err(Error::Constraint("customers_phone_number".into()))
            }
            _ => Ok(()),
        }
    }

    /// Ids of customers with sealed names that hold this, or with this sealed number.
    pub(crate) async fn sealed_customers(&self, wanted: &str) -> Result<Vec<uuid::Uuid>> {
        let numbers = self.sealer().indexes(PHONE, wanted);
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let rows = sqlx::query!(
            r#"SELECT id, name, phone_index = ANY($2) AS "has_number?" FROM customers
               WHERE organization_id = $1 AND deleted_at IS NULL AND starts_with(name, E'\x01')
               ORDER BY created_at DESC LIMIT $3"#,
            self.id().0,
            numbers.as_slice(),
            SEARCHED,
        )
        .fetch_all(self.pool())
        .await?;
        let wanted = wanted.to_lowercase();
        let mut found = Vec::new();
        for row in rows {
            let name = open_name(self.sealer(), CustomerId(row.id), row.name)?;
            if row.has_number == Some(true) || name.to_lowercase().contains(&wanted) {
                found.push(row.id);
            }
        }
        Ok(found)
    }

    /// Takes a customer away; where calls refer to them, their row stays for those.
    pub async fn delete_customer(&self, id: CustomerId) -> Result<()> {
        let mut tx = self.pool().begin().await?;
        // Locked, so that no call can come to refer to it meanwhile.
        let found = sqlx::query!(
            "SELECT id FROM customers WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL FOR UPDATE",
            self.id().0,
            id.0
        )
        .fetch_optional(&mut *tx)
        .await?;
        found.ok_or(Error::NotFound)?;
        let deleted = sqlx::query!(
            "DELETE FROM customers WHERE organization_id = $1 AND id = $2
             AND NOT EXISTS (SELECT 1 FROM calls WHERE organization_id = $1 AND customer_id = $2)",
            self.id().0,
            id.0
        )
        .execute(&mut *tx)
        .await?;
        if deleted.rows_affected() == 0 {
            sqlx::query!(
                "UPDATE customers SET deleted_at = now() WHERE organization_id = $1 AND id = $2",
                self.id().0,
                id.0
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
