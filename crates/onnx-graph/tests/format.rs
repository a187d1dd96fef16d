//! The format: lossless, and safe with files that lie.

use onnx_graph::proto::{
    Attribute, Dimension, DimensionValue, Shape, StringEntry, TensorType, Type, TypeValue,
};
use onnx_graph::{Array, Builder, DataType, Graph, GraphError, Model, Node, Tensor};
use proptest::prelude::*;

fn halving() -> Model {
    let mut b = Builder::new("halve");
    let x = b.input("x", DataType::Float, &["n".into(), 3.into()]);
    let half = b.scalar(0.5_f32);
    let y = b.add(Node::new("Mul").inputs([&x, &half]));
    b.output(&y, "y", DataType::Float, &["n".into(), 3.into()])
        .expect("a free name");
    b.finish(17).expect("whole")
}

#[test]
fn what_is_written_is_read_back() {
    let model = halving();
    let bytes = onnx_graph::encode(&model);
    assert_eq!(onnx_graph::decode(&bytes).expect("its own bytes"), model);
}

#[test]
fn presence_of_zeros_is_kept() {
    let mut model = halving();
    model.model_version = Some(0);
    model.doc_string = Some(String::new());
    let again = onnx_graph::decode(&onnx_graph::encode(&model)).expect("its own bytes");
    assert_eq!(
        (again.model_version, again.doc_string),
        (Some(0), Some(String::new()))
    );
    assert_eq!(again.domain, None);
}

#[test]
fn a_tensor_that_lies_about_its_shape_is_an_error() {
    for dims in [
        vec![i64::MAX, i64::MAX],
        vec![-1],
        vec![1 << 40],
        vec![3],
        vec![],
    ] {
        let tensor = Tensor {
            dims,
            data_type: Some(DataType::Float as i32),
            raw_data: Some(vec![0; 8]),
            ..Tensor::default()
        };
        assert!(matches!(
            tensor.to_array::<f32>(),
            Err(GraphError::Tensor { .. })
        ));
    }
}

#[test]
fn an_empty_tensor_cannot_be_endlessly_wide() {
    let empty = |dims: Vec<i64>| {
        let tensor = Tensor {
            dims,
            data_type: Some(DataType::Float as i32),
            raw_data: Some(Vec::new()),
            ..Tensor::default()
        };
        tensor.to_array::<f32>()
    };
    for dims in [
        vec![0, i64::MAX],
        vec![i64::MAX, i64::MAX, 0],
        vec![0, 1 << 40],
    ] {
        assert!(matches!(empty(dims), Err(GraphError::Tensor { .. })));
    }
    let array = empty(vec![0, 512]).expect("of no rows");
    assert_eq!(array.transposed().expect("a matrix").dims(), [512, 0]);
    assert_eq!(array.rows(0..0).expect("none of them").dims(), [0, 512]);
    assert!(array.rows(0..1).is_err());
    assert!(array.rows(0..usize::MAX).is_err());
}

#[test]
fn a_tensor_of_another_type_is_an_error() {
    let tensor = Tensor::from_array("x", &Array::scalar(1_i64));
    assert!(matches!(
        tensor.to_array::<f32>(),
        Err(GraphError::Tensor { .. })
    ));
}

#[test]
fn external_data_is_read_in_and_cannot_leave_the_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bytes: Vec<u8> = [1_f32, 2.0, 3.0]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    std::fs::write(folder.path().join("data"), bytes).expect("written");
    let load = |location: &str, offset: &str, length: &str| {
        let entry = |key: &str, value: &str| StringEntry {
            key: Some(key.to_owned()),
            value: Some(value.to_owned()),
        };
        let tensor = Tensor {
            name: Some("w".to_owned()),
            dims: vec![2],
            data_type: Some(DataType::Float as i32),
            data_location: Some(1),
            external_data: vec![
                entry("location", location),
                entry("offset", offset),
                entry("length", length),
            ],
            ..Tensor::default()
        };
        let graph = Graph {
            initializer: vec![tensor],
            ..Graph::default()
        };
        let model = Model {
            graph: Some(graph),
            ..Model::default()
        };
        let path = folder.path().join("model.onnx");
        onnx_graph::save(&model, &path)?;
        onnx_graph::load(&path)?.main()?.initializer[0].to_array::<f32>()
    };
    assert_eq!(load("data", "4", "8").expect("inside").data(), [2.0, 3.0]);
    for (location, offset, length) in [
        ("../data", "0", "8"),
        ("/etc/hostname", "0", "8"),
        ("data", "0", "999999999999999"),
        ("data", "18446744073709551615", "8"),
        ("data", "x", "8"),
        ("data", "0", "4"),
    ] {
        assert!(matches!(
            load(location, offset, length),
            Err(GraphError::Tensor { .. })
        ));
    }
    assert!(matches!(
        load("absent", "0", "8"),
        Err(GraphError::Io { .. })
    ));
}

fn text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[a-z/.0-9]{0,8}")
}

fn tensor() -> impl Strategy<Value = Tensor> {
    let raw = proptest::option::of(proptest::collection::vec(any::<u8>(), 0..16));
    let ints = proptest::collection::vec(any::<i64>(), 0..4);
    let floats = proptest::collection::vec(-1e3_f32..1e3, 0..4);
    (text(), ints.clone(), raw, ints, floats).prop_map(
        |(name, dims, raw_data, int64_data, float_data)| Tensor {
            name,
            dims,
            raw_data,
            int64_data,
            float_data,
            data_type: Some(1),
            ..Tensor::default()
        },
    )
}

fn types() -> impl Strategy<Value = Type> {
    let dimension = prop_oneof![
        any::<i64>().prop_map(DimensionValue::Fixed),
        "[a-z]{0,4}".prop_map(DimensionValue::Named),
    ];
    let dims = proptest::collection::vec(proptest::option::of(dimension), 0..4);
    dims.prop_map(|dims| {
        let dim = dims.into_iter().map(|value| Dimension {
            value,
            denotation: None,
        });
        let tensor = TensorType {
            elem_type: Some(1),
            shape: Some(Shape { dim: dim.collect() }),
        };
        Type {
            value: Some(TypeValue::Tensor(tensor)),
            denotation: None,
        }
    })
}

fn graph() -> impl Strategy<Value = Graph> {
    let leaf =
        (text(), proptest::collection::vec(tensor(), 0..3)).prop_map(|(name, tensors)| Graph {
            name,
            initializer: tensors,
            ..Graph::default()
        });
    leaf.prop_recursive(3, 16, 3, |inner| {
        let ints = proptest::collection::vec(any::<i64>(), 0..4);
        let attribute =
            (text(), proptest::option::of(inner), ints, types()).prop_map(|(name, g, ints, tp)| {
                Attribute {
                    name,
                    g,
                    ints,
                    tp: Some(tp),
                    ..Attribute::default()
                }
            });
        let names = proptest::collection::vec("[a-z]{0,4}", 0..4);
        let node = (
            names.clone(),
            names,
            proptest::collection::vec(attribute, 0..3),
        );
        let node = node.prop_map(|(input, output, attribute)| Node {
            input,
            output,
            attribute,
            ..Node::default()
        });
        proptest::collection::vec(node, 0..4).prop_map(|node| Graph {
            node,
            ..Graph::default()
        })
    })
}

proptest! {
    #[test]
    fn every_model_survives_being_written_and_read(graph in graph()) {
        let model = Model { graph: Some(graph), ..Model::default() };
        let bytes = onnx_graph::encode(&model);
        prop_assert_eq!(onnx_graph::decode(&bytes).expect("its own bytes"), model);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
        if let Ok(model) = onnx_graph::decode(&bytes) {
            for tensor in model.graph.iter().flat_map(|graph| &graph.initializer) {
                let _ = (tensor.to_array::<f32>(), tensor.to_array::<i64>());
            }
        }
    }

    #[test]
    fn broken_models_make_it_fail_and_not_panic(place in 0..400_usize, byte in any::<u8>(), cut in 0..400_usize) {
        let mut bytes = onnx_graph::encode(&halving());
        let length = bytes.len();
        bytes[place % length] = byte;
        bytes.truncate(length - cut % length);
        if let Ok(mut model) = onnx_graph::decode(&bytes)
            && let Some(graph) = &mut model.graph
        {
            onnx_graph::prune(graph);
            let _ = onnx_graph::sort(graph);
            let _ = onnx_graph::rename_value(graph, "x", "z");
        }
    }

    #[test]
    fn arrays_survive_being_tensors(data in proptest::collection::vec(any::<i8>(), 0..64)) {
        let array = Array::vector(data);
        prop_assert_eq!(Tensor::from_array("x", &array).to_array::<i8>().expect("its own"), array);
    }
}
