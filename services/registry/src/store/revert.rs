//! A person takes a change back: its inverse is made, and the history keeps both.
//!
//! What was changed since by somebody else stays: only what the change did is undone. Where the
//! two cannot be told apart, a later change depends on it, and it has to be taken back first.

use super::{
    append::{Entry, Grouping, Next},
    held::Held,
    history,
    record::{Change, ChangeKind, Origin, Record, State, version_of_change},
    session::Session,
    write::{Made, Written, make},
};
use crate::{
    Draft, Error,
    entity::{Entity, Field, Fields},
};

/// A call to take a change back.
#[derive(Clone, Debug)]
pub struct Reversion {
    /// The change.
    pub change_id: String,
    /// Who and why.
    pub origin: Origin,
}

impl Reversion {
    pub(super) async fn run(self, mut session: Session) -> Result<Written<Made>, Error> {
        let Self { change_id, origin } = self;
        let unknown = || Error::UnknownChange { change_id: change_id.clone() };
        let first = version_of_change(&change_id).ok_or_else(unknown)?;
        let changes = history::group(&mut session, first).await?;
        if changes.is_empty() {
            return Err(unknown());
        }
        let mut plan = Vec::with_capacity(changes.len());
        for change in changes {
            let step = Step::read(&mut session, change).await?;
            plan.push((step.inverse()?, Some(step.now)));
        }
        let entry = Entry { origin, grouping: Grouping::Reverting(first) };
        make(session, plan, entry, None).await
    }
}

/// One entity before the change, right after it, and now.
struct Step {
    kind: ChangeKind,
    before: Option<Record>,
    after: Record,
    now: Record,
    /// The change that made it what it is now.
    newest: String,
    /// Whether another merge still gives it names and ids.
    is_joined: bool,
}

impl Step {
    async fn read(session: &mut Session, change: Change) -> Result<Self, Error> {
        let Change { kind, record: after, .. } = change;
        let before = history::before(session, after.number, after.version).await?;
        let newest = history::newest(session, after.number).await?;
        let is_joined = history::is_joined_beside(session, after.number, after.version).await?;
        let before = before.map(|change| change.record);
        Ok(Self { kind, before, after, now: newest.record, newest: newest.change_id, is_joined })
    }

    fn inverse(&self) -> Result<Next, Error> {
        if !self.now.has_life_of(&self.after) {
            return Err(self.depends());
        }
        match &self.before {
            None => self.uncreated(),
            Some(before) => self.restored(before),
        }
    }

    /// What was created is deleted, unless somebody relied on it since.
    fn uncreated(&self) -> Result<Next, Error> {
        if !self.now.is_like(&self.after) {
            return Err(self.depends());
        }
        let held = self.now.held.with_life();
        Ok(Next::ended(ChangeKind::Reverted, &self.now, State::Deleted, held))
    }

    fn restored(&self, before: &Record) -> Result<Next, Error> {
        let mut draft = Draft::clone(&self.now.entity);
        let changed = |field: &Field| !field.is_equal(&before.entity, &self.after.entity);
        let fields: Fields = Field::ALL.into_iter().filter(changed).collect();
        for field in fields.iter() {
            self.undo(field, before, &mut draft)?;
        }
        Ok(Next {
            kind: ChangeKind::Reverted,
            // What later changes left may no longer be an entity: two primary names, or none.
            entity: Entity::try_from(draft).map_err(|_| self.depends())?,
            state: before.state,
            links: before.links.clone(),
            held: self.held(before, fields),
        })
    }

    /// What an import wrote and a person took back, it must not write again. What a person decided
    /// and took back is open again, unless a person decided it once more since.
    fn held(&self, before: &Record, changed: Fields) -> Held {
        let held = match self.is_of_import(before) {
            true => self.now.held.with_fields(changed),
            false => self.now.held.without(before.held, self.after.held, self.decided_since()),
        };
        let held = if self.is_joined { held.with_joined() } else { held };
        if before.has_life_of(&self.after) { held } else { held.with_life() }
    }

    /// A person who updates, deletes or creates holds something. One who does and held it before is
    /// taken for an import: what is held then is held already. A person alone merges, splits and
    /// takes back, whether or not that holds more than before.
    fn is_of_import(&self, before: &Record) -> bool {
        let by_either = [ChangeKind::Created, ChangeKind::Updated, ChangeKind::Deleted];
        by_either.contains(&self.kind) && before.held == self.after.held
    }

    /// Held fields that changed after the change: only a person could.
    fn decided_since(&self) -> Fields {
        let (after, now) = (&self.after, &self.now);
        after
            .held
            .fields
            .iter()
            .filter(|field| !field.is_equal(&after.entity, &now.entity))
            .collect()
    }

    fn undo(&self, field: Field, before: &Record, draft: &mut Draft) -> Result<(), Error> {
        let (old, new) = (&before.entity, &self.after.entity);
        match field {
            _ if field.is_equal(&self.now.entity, new) => field.copy(old, draft),
            Field::Names => undo_list(&mut draft.names, &old.names, &new.names),
            Field::ExternalIds => {
                undo_list(&mut draft.external_ids, &old.external_ids, &new.external_ids);
            }
            _ => return Err(self.depends()),
        }
        Ok(())
    }

    fn depends(&self) -> Error {
        Error::LaterChange { later: self.newest.clone(), id: self.now.entity.id.clone() }
    }
}

/// Takes out what the change put in, and puts in what it took out.
fn undo_list<T: PartialEq + Clone>(now: &mut Vec<T>, before: &[T], after: &[T]) {
    now.retain(|item| before.contains(item) || !after.contains(item));
    let lost = before.iter().filter(|item| !after.contains(item) && !now.contains(item));
    now.extend(lost.cloned().collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_loses_what_the_change_added_and_keeps_what_came_later() {
        let mut now = vec!["own", "gained", "later"];
        undo_list(&mut now, &["own", "taken"], &["own", "gained"]);
        assert_eq!(now, ["own", "later", "taken"]);
    }
}
