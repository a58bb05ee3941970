//! Looks after the index behind the feed: merges its segments and keeps it in a folder.
//!
//! Without a folder, or with one that cannot be used, the index is in memory and built again at every start. A
//! failure to save is a warning: the index can always be had from the registry.

use std::{path::Path, sync::Arc, time::Duration};

use chassis::cpu;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    catalogue::Catalogue,
    index::{
        Index, Merge,
        disk::{Folder, Unreadable},
    },
};

/// How long changes may be unsaved; until then they are those that a restart asks the registry for.
const SAVED_EVERY: Duration = Duration::from_secs(10);

/// Nothing has changed for so long: time to merge what searches are better off with.
const QUIET: Duration = Duration::from_secs(1);

/// Keeps one catalogue's index.
pub(crate) struct Keeper {
    catalogue: Arc<Catalogue>,
    folder: Option<Arc<Folder>>,
    /// The catalogue and version that were saved last.
    saved: Option<(Arc<str>, i64)>,
}

impl Keeper {
    /// Takes the folder, and gives the catalogue the index that is in it.
    pub(crate) fn open(path: Option<&Path>, catalogue: Arc<Catalogue>) -> Self {
        let folder = path.and_then(|path| {
            Folder::open(path)
                .inspect_err(|error| {
                    let path = path.display();
                    warn!(%path, %error, "cannot keep the index on disk; it is built at every start");
                })
                .ok()
        });
        let mut keeper = Self { catalogue, folder: folder.map(Arc::new), saved: None };
        keeper.restore();
        keeper
    }

    fn restore(&mut self) {
        let Some(folder) = &self.folder else { return };
        match folder.load() {
            Ok(index) => {
                let (version, names) = (index.origin.version, index.name_count());
                info!(version, names, bytes = index.size(), "index mapped");
                self.saved = Some(saved(&index));
                self.catalogue.restore(index);
            }
            Err(Unreadable::None) => {}
            Err(error) => info!(%error, "the index on disk is of no use; it is built again"),
        }
    }

    /// Merges and saves until the end, and then saves a last time.
    pub(crate) async fn run(mut self, shutdown: CancellationToken) {
        let mut progress = self.catalogue.watch();
        let mut next_save = Instant::now();
        while !shutdown.is_cancelled() {
            // Due at once after a pause, and not more often than that.
            let unsaved = self.folder.is_some() && self.is_unsaved();
            let pause = if self.is_untidy() { QUIET } else { SAVED_EVERY };
            let pause_end = Instant::now() + pause;
            let wake = if unsaved { next_save.min(pause_end) } else { pause_end };
            let changed = shutdown.run_until_cancelled(timeout_at(wake, progress.changed()));
            let Some(changed) = changed.await else { break };
            if matches!(changed, Ok(Err(_))) {
                break;
            }
            self.merge(Instant::now() >= pause_end).await;
            if self.is_unsaved() && Instant::now() >= next_save {
                self.save().await;
                next_save = Instant::now() + SAVED_EVERY;
            }
        }
        if self.is_unsaved() {
            self.save().await;
        }
    }

    /// An index that has no place to go on from is no catalogue's yet.
    fn is_unsaved(&self) -> bool {
        let index = self.catalogue.index();
        index.origin.resume_token.is_some() && self.saved != Some(saved(&index))
    }

    fn is_untidy(&self) -> bool {
        self.catalogue.index().quiet_merge_due().is_some()
    }

    /// Merges what is due of all sizes, and in a quiet moment once: what is written then is saved too.
    async fn merge(&mut self, is_quiet: bool) {
        if is_quiet && let Some(merge) = self.catalogue.index().quiet_merge_due() {
            self.run_merge(merge).await;
            self.saved = None;
        }
        while let Some(merge) = self.catalogue.index().merge_due() {
            if !self.run_merge(merge).await {
                return;
            }
        }
    }

    /// Says whether it could be done.
    async fn run_merge(&self, merge: Merge) -> bool {
        let catalogue = Arc::clone(&self.catalogue);
        let work = move || {
            let made = merge.run();
            catalogue.change(|index| index.merged(&merge, made));
        };
        let outcome = cpu::run(work).await;
        if let Err(fault) = &outcome {
            warn!(?fault, "cannot merge segments of the index");
        }
        outcome.is_ok()
    }

    async fn save(&mut self) {
        let Some(folder) = self.folder.clone() else { return };
        let index = self.catalogue.index();
        let now_saved = saved(&index);
        let catalogue = Arc::clone(&self.catalogue);
        let work = move || save(&folder, &index, &catalogue);
        match cpu::run(work).await {
            Ok(Ok(())) => self.saved = Some(now_saved),
            Ok(Err(error)) => warn!(%error, "cannot save the index"),
            Err(fault) => warn!(?fault, "cannot save the index"),
        }
    }
}

/// What is saved of an index.
fn saved(index: &Index) -> (Arc<str>, i64) {
    (Arc::clone(&index.origin.catalogue_id), index.origin.version)
}

fn save(folder: &Folder, index: &Index, catalogue: &Catalogue) -> std::io::Result<()> {
    let moved = folder.save(index)?;
    if !moved.is_empty() {
        catalogue.change(|now| now.moved(&moved));
    }
    Ok(())
}
