//! Constants as typed arrays.

use half::f16;

use crate::GraphError;
use crate::proto::Tensor;

/// Element types of ONNX, by their numbers in the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
#[allow(missing_docs)]
pub enum DataType {
    Float = 1,
    Uint8 = 2,
    Int8 = 3,
    Int32 = 6,
    Int64 = 7,
    Bool = 9,
    Float16 = 10,
}

/// Elements that an empty array would have at most if its axes of no length had a length of one.
const LONGEST_EMPTY: usize = 1 << 24;

/// A dense array in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Array<T> {
    dims: Vec<usize>,
    data: Vec<T>,
}

impl<T: Copy> Array<T> {
    /// An array of that shape.
    ///
    /// # Errors
    /// When `data` does not have as many elements as the shape says.
    pub fn new(dims: impl Into<Vec<usize>>, data: Vec<T>) -> Result<Self, GraphError> {
        let dims = dims.into();
        match element_count(&dims) {
            Some(count) if count == data.len() => Ok(Self { dims, data }),
            _ => Err(GraphError::tensor(
                "",
                format!("{} elements for the shape {dims:?}", data.len()),
            )),
        }
    }

    /// An array of one axis.
    pub fn vector(data: Vec<T>) -> Self {
        Self {
            dims: vec![data.len()],
            data,
        }
    }

    /// One number.
    pub fn scalar(value: T) -> Self {
        Self {
            dims: Vec::new(),
            data: vec![value],
        }
    }

    /// Length of each axis.
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// The elements in row-major order.
    pub fn data(&self) -> &[T] {
        &self.data
    }

    /// The elements, given away.
    pub fn into_data(self) -> Vec<T> {
        self.data
    }

    /// The same with each element changed.
    pub fn map<U>(&self, change: impl FnMut(T) -> U) -> Array<U> {
        Array {
            dims: self.dims.clone(),
            data: self.data.iter().copied().map(change).collect(),
        }
    }

    /// Rows and columns.
    ///
    /// # Errors
    /// When this is not a matrix.
    pub fn matrix(&self) -> Result<(usize, usize), GraphError> {
        match self.dims[..] {
            [rows, columns] => Ok((rows, columns)),
            _ => Err(GraphError::tensor(
                "",
                format!("shape {:?} is not a matrix", self.dims),
            )),
        }
    }

    /// A matrix with rows and columns exchanged.
    ///
    /// # Errors
    /// When this is not a matrix.
    pub fn transposed(&self) -> Result<Self, GraphError> {
        let (rows, columns) = self.matrix()?;
        let mut data = Vec::with_capacity(self.data.len());
        for column in 0..columns {
            data.extend((0..rows).map(|row| self.data[row * columns + column]));
        }
        Ok(Self {
            dims: vec![columns, rows],
            data,
        })
    }

    /// Matrices of equal height side by side.
    ///
    /// # Errors
    /// When one is not a matrix or the heights differ.
    pub fn beside(parts: &[&Self]) -> Result<Self, GraphError> {
        let shapes = parts
            .iter()
            .map(|part| part.matrix())
            .collect::<Result<Vec<_>, _>>()?;
        let rows = shapes.first().map_or(0, |shape| shape.0);
        if shapes.iter().any(|shape| shape.0 != rows) {
            return Err(GraphError::tensor(
                "",
                format!("heights differ: {shapes:?}"),
            ));
        }
        let columns = shapes.iter().map(|shape| shape.1).sum();
        let mut data = Vec::with_capacity(rows * columns);
        for row in 0..rows {
            for (part, shape) in parts.iter().zip(&shapes) {
                data.extend_from_slice(&part.data[row * shape.1..(row + 1) * shape.1]);
            }
        }
        Ok(Self {
            dims: vec![rows, columns],
            data,
        })
    }

    /// Some rows of a matrix, or some elements of a vector.
    ///
    /// # Errors
    /// When there are not that many.
    pub fn rows(&self, range: std::ops::Range<usize>) -> Result<Self, GraphError> {
        let stride: usize = self.dims.iter().skip(1).product();
        let place = |row: usize| row.checked_mul(stride);
        let data = (place(range.start).zip(place(range.end)))
            .and_then(|(start, end)| self.data.get(start..end))
            .filter(|_| self.dims.first().is_some_and(|rows| range.end <= *rows))
            .ok_or_else(|| {
                GraphError::tensor("", format!("rows {range:?} of shape {:?}", self.dims))
            })?;
        let mut dims = self.dims.clone();
        dims[0] = range.len();
        Ok(Self {
            dims,
            data: data.to_vec(),
        })
    }

    /// The same elements in another shape.
    ///
    /// # Errors
    /// When the number of elements differs.
    pub fn reshaped(self, dims: impl Into<Vec<usize>>) -> Result<Self, GraphError> {
        Self::new(dims, self.data)
    }
}

/// A Rust type that an ONNX tensor can hold.
pub trait Element: Copy + Sized {
    /// Its number in the format.
    const DATA_TYPE: DataType;
    /// Its bytes in `raw_data`.
    const SIZE: usize;
    /// From exactly [`Self::SIZE`] bytes, little endian.
    fn read(bytes: &[u8]) -> Self;
    /// Appends [`Self::SIZE`] bytes, little endian.
    fn write(self, bytes: &mut Vec<u8>);
    /// From the typed list that holds this type where `raw_data` is absent.
    fn listed(tensor: &Tensor) -> Vec<Self>;
}

macro_rules! element {
    ($type:ty, $data_type:ident, $list:ident, $from:expr) => {
        impl Element for $type {
            const DATA_TYPE: DataType = DataType::$data_type;
            const SIZE: usize = size_of::<$type>();
            fn read(bytes: &[u8]) -> Self {
                let mut array = [0; size_of::<$type>()];
                array.copy_from_slice(bytes);
                Self::from_le_bytes(array)
            }
            fn write(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }
            fn listed(tensor: &Tensor) -> Vec<Self> {
                tensor.$list.iter().copied().map($from).collect()
            }
        }
    };
}

element!(f32, Float, float_data, |v| v);
element!(u8, Uint8, int32_data, |v| v as u8);
element!(i8, Int8, int32_data, |v| v as i8);
element!(i32, Int32, int32_data, |v| v);
element!(i64, Int64, int64_data, |v| v);
element!(f16, Float16, int32_data, |v| f16::from_bits(v as u16));

impl Tensor {
    /// A constant of that name.
    pub fn from_array<T: Element>(name: impl Into<String>, array: &Array<T>) -> Self {
        let mut raw = Vec::with_capacity(array.data.len() * T::SIZE);
        for &element in &array.data {
            element.write(&mut raw);
        }
        Self {
            dims: array.dims.iter().map(|&dim| dim as i64).collect(),
            data_type: Some(T::DATA_TYPE as i32),
            name: Some(name.into()),
            raw_data: Some(raw),
            ..Self::default()
        }
    }

    /// The numbers.
    ///
    /// # Errors
    /// [`GraphError::Tensor`] when the type is another, when the data is in another file, or when
    /// there is more or less of it than the shape says.
    pub fn to_array<T: Element>(&self) -> Result<Array<T>, GraphError> {
        let error = |reason: String| GraphError::tensor(self.name(), reason);
        if self.data_type() != T::DATA_TYPE as i32 {
            return Err(error(format!(
                "type {}, expected {:?}",
                self.data_type(),
                T::DATA_TYPE
            )));
        }
        if self.data_location.unwrap_or(0) != 0 {
            return Err(error("its data is in another file".to_owned()));
        }
        let dims = self
            .dims
            .iter()
            .map(|&dim| usize::try_from(dim).ok())
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| error(format!("shape {:?}", self.dims)))?;
        // The count is compared with what is there before anything of that size is allocated.
        let data = match &self.raw_data {
            Some(raw) => {
                let wanted = element_count(&dims).and_then(|count| count.checked_mul(T::SIZE));
                if wanted != Some(raw.len()) {
                    return Err(error(format!("{} bytes for shape {dims:?}", raw.len())));
                }
                raw.chunks_exact(T::SIZE).map(T::read).collect()
            }
            None => T::listed(self),
        };
        let count = data.len();
        Array::new(dims, data).map_err(|_| error(format!("{count} elements for {:?}", self.dims)))
    }
}

/// Elements in an array of that shape, or `None` when no machine could hold them. An axis of no
/// length makes an array empty but not the others short, over which matrices are walked all the same.
fn element_count(dims: &[usize]) -> Option<usize> {
    let most = dims
        .iter()
        .try_fold(1_usize, |count, &dim| count.checked_mul(dim.max(1)))?;
    match dims.contains(&0) {
        true => (most <= LONGEST_EMPTY).then_some(0),
        false => Some(most),
    }
}
