use super::*;

#[test]
fn bytes_that_are_no_network_are_refused_by_name() {
    for bytes in [
        &NETWORK.1[..1000],
        &NETWORK.1[1000..5000],
        b"",
        b"not a network",
    ] {
        let error = RtenNetwork::load(bytes, NETWORK.0).err().unwrap();
        assert!(
            error.to_string().starts_with("models/minilm/model.onnx: "),
            "{error}"
        );
    }
}

#[test]
fn every_embedded_file_is_the_one_of_the_manifest() {
    let manifest = Manifest::embedded().unwrap();
    for (file, bytes) in [NETWORK, TOKENIZER, LABELS] {
        manifest.checked(file, bytes).unwrap();
    }
}
