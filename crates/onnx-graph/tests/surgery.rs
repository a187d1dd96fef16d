//! Cutting, splicing, renaming, ordering, rounding.

use onnx_graph::proto::ValueInfo;
use onnx_graph::{
    Array, Attribute, Builder, DataType, Graph, GraphError, Index, Node, Tensor, extract,
    inline_branch, insert, prune, quantise, rename_value, replace, sort,
};
use proptest::prelude::*;

fn info(name: &str) -> ValueInfo {
    ValueInfo::tensor(name, DataType::Float, &["n".into()])
}

fn node(name: &str, inputs: &[&str], outputs: &[&str]) -> Node {
    Node::new("Add").named(name).inputs(inputs).outputs(outputs)
}

/// x -> a -> b -> y, beside them a dead node and a dead constant.
fn chain() -> Graph {
    Graph {
        node: vec![
            node("first", &["x", "c"], &["a"]),
            node("dead", &["x", "unused"], &["nobody"]),
            node("second", &["a", "c"], &["b"]),
            node("third", &["b", "x"], &["y"]),
        ],
        initializer: ["c", "unused"]
            .map(|name| Tensor::from_array(name, &Array::scalar(1_f32)))
            .to_vec(),
        input: vec![info("x")],
        output: vec![info("y")],
        ..Graph::default()
    }
}

fn names(graph: &Graph) -> Vec<&str> {
    graph.node.iter().map(|node| node.name()).collect()
}

#[test]
fn pruning_leaves_what_the_outputs_need() {
    let mut graph = chain();
    prune(&mut graph);
    assert_eq!(names(&graph), ["first", "second", "third"]);
    assert_eq!(graph.initializer.len(), 1);
}

#[test]
fn extraction_cuts_at_its_inputs_and_outputs() {
    let part = extract(&chain(), vec![info("a")], vec![info("b")]).expect("closed");
    assert_eq!(names(&part), ["second"]);
}

#[test]
fn extraction_that_lacks_an_input_says_which() {
    let error = extract(&chain(), vec![info("a")], vec![info("y")]);
    assert!(matches!(error, Err(GraphError::NoValue(name)) if name == "x"));
    let error = extract(&chain(), vec![info("x")], vec![info("absent")]);
    assert!(matches!(error, Err(GraphError::NoValue(name)) if name == "absent"));
}

#[test]
fn renaming_reaches_every_use_and_refuses_a_taken_name() {
    let mut graph = chain();
    rename_value(&mut graph, "a", "middle").expect("free");
    assert_eq!(graph.node[0].output, ["middle"]);
    assert_eq!(graph.node[2].input, ["middle", "c"]);
    assert!(matches!(
        rename_value(&mut graph, "b", "y"),
        Err(GraphError::Taken(_))
    ));
    assert!(matches!(
        rename_value(&mut graph, "a", "z"),
        Err(GraphError::NoValue(_))
    ));
}

#[test]
fn nodes_are_inserted_and_replaced_by_name() {
    let mut graph = chain();
    insert(&mut graph, "second", vec![node("new", &["a"], &["n"])]).expect("there");
    let old = replace(&mut graph, "third", vec![node("other", &["n"], &["y"])]).expect("there");
    assert_eq!(old.name(), "third");
    assert_eq!(names(&graph), ["first", "dead", "new", "second", "other"]);
    assert!(matches!(
        insert(&mut graph, "absent", vec![]),
        Err(GraphError::NoNode(_))
    ));
}

/// y = if flag { x + c } else { x }, the sum made inside the branch.
fn choice() -> Graph {
    let branch = |name: &str, nodes: Vec<Node>, output: &str| Attribute {
        name: Some(name.to_owned()),
        g: Some(Graph {
            node: nodes,
            output: vec![info(output)],
            ..Graph::default()
        }),
        ..Attribute::default()
    };
    let mut choose = Node::new("If")
        .named("choose")
        .inputs(["flag"])
        .outputs(["y"]);
    choose.attribute = vec![
        branch(
            "then_branch",
            vec![node("sum", &["x", "c"], &["inner"])],
            "inner",
        ),
        branch(
            "else_branch",
            vec![node("copy", &["x", "x"], &["other"])],
            "other",
        ),
    ];
    Graph {
        node: vec![choose],
        initializer: vec![Tensor::from_array("c", &Array::scalar(1_f32))],
        input: vec![info("flag"), info("x")],
        output: vec![info("y")],
        ..Graph::default()
    }
}

#[test]
fn a_branch_takes_the_place_of_its_if() {
    let mut graph = choice();
    inline_branch(&mut graph, "choose", "then_branch").expect("it is there");
    assert_eq!(graph.node, [node("sum", &["x", "c"], &["y"])]);
    let mut graph = choice();
    let error = inline_branch(&mut graph, "choose", "third_branch");
    assert!(matches!(error, Err(GraphError::NoPart { .. })));
}

#[test]
fn what_a_branch_uses_from_outside_is_kept() {
    let mut graph = choice();
    prune(&mut graph);
    assert_eq!(graph.initializer.len(), 1);
}

#[test]
fn sorting_puts_makers_before_users_and_finds_circles() {
    let mut graph = chain();
    graph.node.reverse();
    sort(&mut graph).expect("no circle");
    let place = |name| names(&graph).iter().position(|other| *other == name);
    assert!(place("first") < place("second") && place("second") < place("third"));
    graph.node[0].input[0] = "y".to_owned();
    graph.node.iter_mut().for_each(|node| {
        if node.name() == "first" {
            node.input[0] = "y".to_owned();
        }
    });
    assert!(matches!(sort(&mut graph), Err(GraphError::Cycle(_))));
}

#[test]
fn lookups_name_what_is_missing() {
    let graph = chain();
    let index = Index::new(&graph);
    assert_eq!(index.scalar::<f32>("c").expect("there"), 1.0);
    assert!(
        matches!(index.node("fourth", "Add"), Err(GraphError::NoNode(name)) if name == "fourth")
    );
    assert!(matches!(
        index.node("first", "Mul"),
        Err(GraphError::WrongOperator { .. })
    ));
    assert!(matches!(
        index.constant::<f32>("a"),
        Err(GraphError::NoConstant(_))
    ));
    assert_eq!(index.maker("b").expect("there").name(), "second");
}

#[test]
fn a_builder_refuses_an_output_whose_name_is_taken() {
    let mut b = Builder::new("g");
    let x = b.input("x", DataType::Float, &[]);
    let y = b.add(Node::new("Neg").inputs([&x]));
    assert!(matches!(
        b.output(&y, "x", DataType::Float, &[]),
        Err(GraphError::Taken(_))
    ));
}

fn matrix(rows: usize) -> impl Strategy<Value = Array<f32>> {
    (1..4_usize).prop_flat_map(move |columns| {
        proptest::collection::vec(-8_f32..8.0, rows * columns)
            .prop_map(move |data| Array::new([rows, columns], data).expect("counted"))
    })
}

proptest! {
    #[test]
    fn rounding_columns_is_off_by_half_a_step_at_most(weight in matrix(7)) {
        let rounded = quantise::columns(&weight).expect("a matrix");
        let width = weight.dims()[1];
        for (place, (value, byte)) in weight.data().iter().zip(rounded.values.data()).enumerate() {
            let step = rounded.scales[place % width];
            prop_assert!((f32::from(*byte) * step - value).abs() <= 0.5001 * step);
        }
    }

    #[test]
    fn rounding_blocks_is_off_by_half_a_step_at_most(weight in matrix(8)) {
        let rounded = quantise::blocks(&weight, 4).expect("a multiple");
        let transposed = weight.transposed().expect("a matrix");
        for (place, (value, byte)) in transposed.data().iter().zip(rounded.values.data()).enumerate() {
            let step = rounded.scales[place / 4];
            prop_assert!(((f32::from(*byte) - 128.0) * step - value).abs() <= 0.5001 * step);
        }
    }

    #[test]
    fn stored_bytes_are_not_rounded_again(bytes in proptest::collection::vec(any::<i8>(), 16), zero in any::<i8>()) {
        let stored = Array::new([8, 2], bytes).expect("counted");
        let blocks = quantise::blocks_of_stored(&stored, 0.5, zero, 4).expect("a multiple");
        let zeros = blocks.zero_points.expect("as stored");
        let expected = quantise::dequantise(&stored.transposed().expect("a matrix"), 0.5, zero);
        for (place, value) in expected.data().iter().enumerate() {
            let byte = f32::from(blocks.values.data()[place]) - f32::from(zeros[place / 4]);
            prop_assert_eq!(byte * 0.5, *value);
        }
    }

    #[test]
    fn transposing_twice_changes_nothing(weight in matrix(5)) {
        let twice = weight.transposed().and_then(|once| once.transposed()).expect("a matrix");
        prop_assert_eq!(twice, weight);
    }
}
