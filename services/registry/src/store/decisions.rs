//! What people decided about mentions is kept, listed and found.
//!
//! A decision applies to every mention of its form. Forms are made here and with one version of the
//! rules; when the rules have changed they are made again from the text as the catalogue is opened.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    decision::{Answer, COLUMNS, Decision, DecisionFilter, form_of},
    read,
    record::{micros_of, now_micros, time_of},
    requests::Request,
    resolve::{Resolved, resolve},
    session::Session,
    sql::Sql,
};
use crate::Error;

/// Decisions of one form that are told at most.
const PER_FORM_MAX: usize = 100;

/// Decisions whose forms are made again in one transaction.
const RENEWED_ROWS: i64 = 1_000;

fn select() -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM decisions WHERE ");
    sql
}

/// Stores a decision, or returns what the same call stored before.
pub(super) async fn create(
    mut session: Session,
    mut decision: Decision,
    request_id: String,
) -> Result<Decision, Error> {
    let request = Request::try_new(request_id, "CreateDecision", &decision.said())?;
    if let Some(request) = &request
        && let Some(number) = request.made(&mut session).await?
    {
        let mut sql = select();
        sql.push("number = ").bind(number);
        let stored = session.fetch_optional(sql).await?;
        return stored.ok_or(Error::Store(sqlx::Error::RowNotFound));
    }
    refuse_unknown(&mut session, &decision.entity_id).await?;
    let newest = Sql::new("SELECT coalesce(max(number), 0) FROM decisions");
    decision.number = session.number(newest).await? + 1;
    decision.created = time_of(now_micros());
    insert(&mut session, &decision).await?;
    if let Some(request) = request {
        request.remember(&mut session, decision.number, micros_of(decision.created)).await?;
    }
    let version = read::version(&mut session).await?;
    session.commit(version).await?;
    Ok(decision)
}

async fn refuse_unknown(session: &mut Session, id: &String) -> Result<(), Error> {
    if id.is_empty() || !read::stored(session, [id]).await?.is_empty() {
        return Ok(());
    }
    Err(Error::NotFound { id: id.clone() })
}

async fn insert(session: &mut Session, decision: &Decision) -> Result<(), sqlx::Error> {
    let mut sql = Sql::new("INSERT INTO decisions (");
    sql.push(COLUMNS).push(") VALUES ");
    sql.rows([[
        decision.number.into(),
        (&decision.text).into(),
        (&decision.form).into(),
        (&decision.rules_version).into(),
        (&decision.entity_id).into(),
        decision.answer.name().into(),
        (&decision.scope).into(),
        (&decision.actor).into(),
        (&decision.comment).into(),
        micros_of(decision.created).into(),
        decision.expires.map_or(0, micros_of).into(),
    ]]);
    session.execute(sql).await.map(drop)
}

/// Decisions below a number, newest first, and whether there are more.
pub(super) async fn page(
    session: &mut Session,
    filter: &DecisionFilter,
    below: i64,
    rows_max: usize,
) -> Result<(Vec<Decision>, bool), Error> {
    let mut sql = select();
    sql.push("number < ").bind(below);
    let DecisionFilter { scope, entity_id, form } = filter;
    for (column, value) in [("scope", scope), ("entity_id", entity_id), ("form", form)] {
        if !value.is_empty() {
            sql.push(" AND ").push(column).push(" = ").bind(value);
        }
    }
    sql.push(" ORDER BY number DESC LIMIT ").bind(rows_max as i64 + 1);
    let mut decisions: Vec<Decision> = session.fetch_all(sql).await?;
    let more = decisions.len() > rows_max;
    decisions.truncate(rows_max);
    Ok((decisions, more))
}

/// The decisions that apply to each form now, in their order: those of the scope first, each
/// newest first. Of decisions of one scope about one entity only the newest applies. An entity that
/// was merged stands for its survivor; a yes about one that means none or several is left out.
pub(super) async fn lookup(
    session: &mut Session,
    forms: &[String],
    scope: &str,
) -> Result<Vec<Vec<Decision>>, Error> {
    let mut sql = select();
    sql.list("form IN ", forms);
    sql.push(" AND (scope = '' OR scope = ").bind(scope);
    sql.push(") AND (expires = 0 OR expires > ").bind(now_micros());
    sql.push(") ORDER BY number DESC");
    let decisions: Vec<Decision> = session.fetch_all(sql).await?;
    let current = current_ids(session, &decisions).await?;
    let (mut sets, mut known) = (HashMap::<String, Vec<Decision>>::new(), HashSet::new());
    for mut decision in decisions {
        let applies = follow(&mut decision, &current);
        // Compared as they are followed: decisions about two entities that became one are about one.
        let Decision { form, scope, entity_id, .. } = &decision;
        let is_newest = known.insert((form.clone(), scope.clone(), entity_id.clone()));
        let set = sets.entry(form.clone()).or_default();
        if is_newest && applies && set.len() < PER_FORM_MAX {
            set.push(decision);
        }
    }
    for set in sets.values_mut() {
        set.sort_by_key(|decision| decision.scope.is_empty());
    }
    Ok(forms.iter().map(|form| sets.get(form).cloned().unwrap_or_default()).collect())
}

/// The one id that each id of a decision means now, where it is one.
async fn current_ids(
    session: &mut Session,
    decisions: &[Decision],
) -> Result<HashMap<String, String>, Error> {
    let ids: BTreeSet<_> =
        decisions.iter().map(|decision| &decision.entity_id).filter(|id| !id.is_empty()).collect();
    let ids: Vec<_> = ids.into_iter().cloned().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let (resolved, _) = resolve(session, &ids, None).await?;
    let one = |resolved: Resolved| match <[String; 1]>::try_from(resolved.current) {
        Ok([current]) => Some((resolved.id, current)),
        Err(_) => None,
    };
    Ok(resolved.into_iter().filter_map(one).collect())
}

/// Puts what the entity means now in its place; whether the decision still applies.
fn follow(decision: &mut Decision, current: &HashMap<String, String>) -> bool {
    match current.get(&decision.entity_id) {
        Some(id) => decision.entity_id.clone_from(id),
        None if decision.entity_id.is_empty() => {}
        None => return decision.answer != Answer::Yes,
    }
    true
}

/// Makes the next forms again that other rules made; whether there were any.
pub(super) async fn renew_forms(mut session: Session) -> Result<bool, Error> {
    let mut sql = select();
    sql.push("rules_version <> ").bind(names::rules_version()).push(" LIMIT ").bind(RENEWED_ROWS);
    let old: Vec<Decision> = session.fetch_all(sql).await?;
    for decision in &old {
        let update = "UPDATE decisions SET form = ?, rules_version = ? WHERE number = ?";
        let update = Sql::new(update).with(form_of(&decision.text).as_str());
        session.execute(update.with(names::rules_version()).with(decision.number)).await?;
    }
    let version = read::version(&mut session).await?;
    session.commit(version).await?;
    Ok(!old.is_empty())
}
