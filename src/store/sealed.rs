//! All sealed values: read and written again in the same way, when the master key is changed. The
//! caller passes the columns.

use super::{
    Tx,
    row::{Columns, Row},
    statement::{Parameter, composed},
};
use crate::error::Result;

/// A column of sealed values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedColumn {
    pub table: &'static str,
    pub column: &'static str,
    /// The columns that identify its rows.
    pub names: &'static [&'static str],
}

/// A sealed value and the names of its row, in the order of [`SealedColumn::names`].
#[derive(Clone, Debug)]
pub struct SealedValue {
    pub names: Vec<String>,
    pub sealed: String,
}

impl Tx {
    /// Prevents all other transactions from writing to the tables of these columns until this one
    /// ends. Waits for a concurrent one, for as long as for any lock.
    pub async fn hold_sealed(&mut self, columns: &[SealedColumn]) -> Result<()> {
        let mut tables: Vec<&str> = columns.iter().map(|one| one.table).collect();
        tables.sort_unstable();
        tables.dedup();
        self.hold(&tables).await
    }

    /// Every value of a column; rows without one are left out.
    pub async fn sealed_values(&mut self, of: &SealedColumn) -> Result<Vec<SealedValue>> {
        let SealedColumn { table, column, .. } = of;
        let names = of.names.join(", ");
        let sql = format!(
            "select {names}, {column} as sealed_value from {table}
             where {column} is not null and {column} <> '' order by {names}"
        );
        let all = composed(sql, &[]);
        self.open.connection().all(all, sealed_value).await
    }

    /// Replaces a sealed value by another sealing of the same; false if it has changed.
    pub async fn reseal(
        &mut self,
        of: &SealedColumn,
        value: &SealedValue,
        sealed: &str,
    ) -> Result<bool> {
        let SealedColumn { table, column, .. } = of;
        let mut sql = format!("update {table} set {column} = $1 where {column} = $2");
        for (name, at) in of.names.iter().zip(3..) {
            sql.push_str(&format!(" and {name} = ${at}"));
        }
        let mut values: Vec<&dyn Parameter> = vec![&sealed, &value.sealed];
        values.extend(value.names.iter().map(|name| name as &dyn Parameter));
        let replacing = composed(sql, &values);
        Ok(self.open.connection().changed(replacing).await? == 1)
    }
}

/// The last column is the value; those before it are the names.
fn sealed_value(row: &Row<'_>) -> Result<SealedValue> {
    Ok(SealedValue {
        names: row.texts_but_last()?,
        sealed: row.text("sealed_value")?,
    })
}
