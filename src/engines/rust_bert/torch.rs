//! What every network on libtorch needs: a device, its weights, panics kept inside, sequences in batches.

use std::panic::{AssertUnwindSafe, catch_unwind};

use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use tch::nn::VarStore;
use tch::{Kind, Tensor};

use crate::engines::Device;
use crate::error::{Error, Result};

/// How many tokens are read at a time, the filled-up ones included, when the user does not say.
const BATCH_TOKENS_CPU: usize = 1 << 11;
const BATCH_TOKENS_CUDA: usize = 1 << 15;

/// Where the networks run, and how much they read at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Runner {
    pub device: tch::Device,
    /// The most tokens of a batch; one sequence is read whatever its length.
    pub batch_tokens: usize,
}

/// The device that was asked for, else a GPU when there is one.
///
/// # Errors
/// [`Error::Settings`] when there is no such GPU.
pub fn device_in_force(device: Option<Device>) -> Result<Device> {
    let count = usize::try_from(tch::Cuda::device_count()).unwrap_or(0);
    match device {
        Some(Device::Cuda(number)) if number >= count => Err(Error::Settings {
            file: format!("--device cuda:{number}"),
            reason: match count {
                0 => "libtorch finds no CUDA device".into(),
                count => format!("there are {count}, counted from 0"),
            },
            hint: "leave --device out to use what there is, or say --device cpu".into(),
        }),
        Some(device) => Ok(device),
        None if count > 0 => Ok(Device::Cuda(0)),
        None => Ok(Device::Cpu),
    }
}

impl Runner {
    /// On the device that was asked for, else a GPU when there is one.
    ///
    /// # Errors
    /// [`Error::Settings`] when there is no such GPU.
    pub fn new(device: Option<Device>, batch_tokens: Option<usize>) -> Result<Self> {
        let device = match device_in_force(device)? {
            Device::Cpu => tch::Device::Cpu,
            Device::Cuda(number) => tch::Device::Cuda(number),
        };
        let default = match device {
            tch::Device::Cpu => BATCH_TOKENS_CPU,
            _ => BATCH_TOKENS_CUDA,
        };
        Ok(Self {
            device,
            batch_tokens: batch_tokens.unwrap_or(default),
        })
    }

    /// Puts the weights of `bytes`, a safetensors file, into the variables of a network, and makes it ready: half
    /// precision on a GPU, no gradients.
    ///
    /// # Errors
    /// What is missing, or has another shape than the configuration says.
    pub fn fill(self, store: &mut VarStore, bytes: &[u8]) -> Result<(), String> {
        let read = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
        let mut variables: Vec<(String, Tensor)> = store.variables().into_iter().collect();
        variables.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, mut variable) in variables {
            let view = find(&read, &name).ok_or_else(|| format!("it has no {name}"))?;
            let shape: Vec<i64> = view.shape().iter().map(|&side| side as i64).collect();
            if shape != variable.size() {
                return Err(format!(
                    "{name} has the shape {shape:?}, where config.json makes it {:?}",
                    variable.size()
                ));
            }
            let kind = Kind::try_from(view.dtype()).map_err(|error| error.to_string())?;
            let tensor = Tensor::f_from_data_size(view.data(), &shape, kind);
            tch::no_grad(|| variable.f_copy_(&tensor?)).map_err(|error| error.to_string())?;
        }
        store.freeze();
        if self.device.is_cuda() {
            store.half();
        }
        Ok(())
    }

    /// Numbers as a tensor of this shape on the device.
    pub fn ints(self, values: &[i64], shape: &[i64]) -> Tensor {
        Tensor::from_slice(values)
            .view(shape)
            .to_device(self.device)
    }

    /// Numbers as a tensor of this shape on the device, in the precision of the network.
    pub fn floats(self, values: &[f32], shape: &[i64]) -> Tensor {
        let kind = match self.device {
            tch::Device::Cpu => Kind::Float,
            _ => Kind::Half,
        };
        Tensor::from_slice(values)
            .view(shape)
            .to_device(self.device)
            .to_kind(kind)
    }
}

/// The tensor of a name, or of another name that it is known by: LayerNorm of old checkpoints, the shared table of
/// BART.
fn find<'a>(read: &'a SafeTensors<'a>, name: &str) -> Option<TensorView<'a>> {
    let old = || {
        let stem = name.strip_suffix("LayerNorm.weight").map(|s| (s, "gamma"));
        let stem = stem.or_else(|| name.strip_suffix("LayerNorm.bias").map(|s| (s, "beta")));
        let (stem, kind) = stem?;
        read.tensor(&format!("{stem}LayerNorm.{kind}")).ok()
    };
    let shared = || {
        let stem = name.strip_suffix("shared.weight")?;
        read.tensor(&format!("{stem}encoder.embed_tokens.weight"))
            .ok()
    };
    read.tensor(name).ok().or_else(old).or_else(shared)
}

/// Runs a network without gradients; what it panics with becomes an error.
///
/// rust-bert and tch answer everything that libtorch refuses, memory that runs out included, with a panic.
pub(super) fn guarded<T>(run: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    tch::set_num_threads(i32::try_from(rayon::current_num_threads()).unwrap_or(1));
    catch_unwind(AssertUnwindSafe(|| tch::no_grad(run))).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
        let line = message.unwrap_or("it panicked").lines().next();
        Err(line.unwrap_or_default().into())
    })
}

/// The numbers of a tensor, row by row.
pub(super) fn numbers(tensor: &Tensor) -> Result<Vec<f32>, String> {
    let flat = tensor
        .to_device(tch::Device::Cpu)
        .to_kind(Kind::Float)
        .contiguous()
        .view([-1]);
    Vec::<f32>::try_from(flat).map_err(|error: tch::TchError| error.to_string())
}

/// Places of sequences, shortest first, cut into batches of at most `tokens` when all are filled up to the longest.
pub(super) fn batches(lengths: &[usize], tokens: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&place| lengths[place]);
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for place in order {
        match batches.last_mut() {
            Some(batch) if (batch.len() + 1) * lengths[place] <= tokens => batch.push(place),
            _ => batches.push(vec![place]),
        }
    }
    batches
}

/// A sequence as a network reads it.
#[derive(Debug, Clone, Default)]
pub(super) struct Sequence {
    /// Ids of the word pieces, with those that open and close it.
    pub ids: Vec<i64>,
    /// 0, and 1 for the second of two texts, where the model tells them apart.
    pub types: Vec<i64>,
}

/// A batch of sequences, each filled up to the longest: tensors of [sequences, tokens].
pub(super) struct Batch {
    pub ids: Tensor,
    /// 1 for a token, 0 for what fills up.
    pub mask: Tensor,
    pub types: Tensor,
}

impl Batch {
    /// Fills up `sequences` with `padding`.
    pub fn new(sequences: &[&Sequence], padding: i64, runner: Runner) -> Self {
        let longest = sequences.iter().map(|s| s.ids.len()).max().unwrap_or(0);
        let shape = [sequences.len() as i64, longest as i64];
        let filled = |row: &dyn Fn(&Sequence) -> Vec<i64>, filler: i64| {
            let mut all = Vec::with_capacity(sequences.len() * longest);
            for sequence in sequences {
                let start = all.len();
                all.extend(row(sequence));
                all.resize(start + longest, filler);
            }
            runner.ints(&all, &shape)
        };
        Self {
            ids: filled(&|sequence| sequence.ids.clone(), padding),
            mask: filled(&|sequence| vec![1; sequence.ids.len()], 0),
            types: filled(&|sequence| sequence.types.clone(), 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_every_sequence_once_and_no_more_than_asked() {
        let lengths = [5, 90, 3, 3, 40, 7];
        let batches = batches(&lengths, 24);
        assert_eq!(batches, [vec![2, 3, 0], vec![5], vec![4], vec![1]]);
    }

    #[test]
    fn a_panic_becomes_an_error() {
        let error = guarded::<()>(|| panic!("no such shape\nat line 7")).unwrap_err();
        assert_eq!(error, "no such shape");
        let wrong = guarded(|| Ok(Tensor::from_slice(&[1, 2, 3]).view([2, 2])));
        assert!(wrong.is_err());
    }
}
