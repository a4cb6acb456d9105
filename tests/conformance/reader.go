// A reader of logs that rests on nothing of ours: Go's own packages for signed notes and tiles, as `go get` uses them.
//
// It fetches a log by HTTP (c2sp.org/tlog-tiles), verifies its checkpoint, hashes each entry and each tile up to the
// root, proves that an entry stands in it and that an older checkpoint is a prefix of it, and verifies the
// cosignature of a witness (c2sp.org/tlog-cosignature, Ed25519). It says what it found as JSON, or fails.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// tiles fetches tiles below a prefix; C2SP's paths leave the height out, which is always 8.
type tiles string

func (prefix tiles) Height() int                         { return height }
func (prefix tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (prefix tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range wanted {
		data, err := prefix.fetch(strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		read = append(read, data)
	}
	return read, nil
}

func (prefix tiles) fetch(path string) ([]byte, error) {
	answer, err := http.Get(string(prefix) + "/" + path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// witness verifies cosignatures as tlog-cosignature says; to the package for notes it is a key like any other.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
	time uint64
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }
func (w *witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	w.time = binary.BigEndian.Uint64(signature)
	signed := append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", w.time)), text...)
	return ed25519.Verify(w.key, signed, signature[8:])
}

func newWitness(vkey string) *witness {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		log.Fatal("no verifier key: ", vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	must(err)
	if len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		log.Fatal("no key for cosignatures: ", vkey)
	}
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	if parts[1] != hex.EncodeToString(id[:4]) {
		log.Fatal("not the id of its key: ", vkey)
	}
	return &witness{parts[0], binary.BigEndian.Uint32(id[:]), key[1:], 0}
}

// open returns the tree of a checkpoint (c2sp.org/tlog-checkpoint) that every one of these keys signed.
func open(signed []byte, origin string, keys ...note.Verifier) tlog.Tree {
	opened, err := note.Open(signed, note.VerifierList(keys...))
	must(err)
	if len(opened.Sigs) != len(keys) {
		log.Fatalf("%d of %d keys signed the checkpoint", len(opened.Sigs), len(keys))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != origin {
		log.Fatal("no checkpoint of that log: ", lines[0])
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	tree := tlog.Tree{N: size}
	if copy(tree.Hash[:], root) != len(root) || len(root) != tlog.HashSize {
		log.Fatal("no root: ", lines[2])
	}
	return tree
}

// entries returns the entries of a log as its bundles hold them.
func (prefix tiles) entries(size int64) (found [][]byte) {
	for n := int64(0); n*256 < size; n++ {
		tile := tlog.Tile{H: height, L: -1, N: n, W: 256}
		if size-n*256 < 256 {
			tile.W = int(size - n*256)
		}
		data, err := prefix.fetch(strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1))
		must(err)
		for len(data) >= 2 && len(data)-2 >= int(binary.BigEndian.Uint16(data)) {
			end := 2 + int(binary.BigEndian.Uint16(data))
			found, data = append(found, data[2:end]), data[end:]
		}
		if len(data) != 0 {
			log.Fatal("an entry bundle breaks off: ", n)
		}
	}
	return found
}

func main() {
	url := flag.String("log", "", "prefix of the log")
	vkey := flag.String("key", "", "verifier key of the log")
	cosigner := flag.String("witness", "", "verifier key of a witness that must have cosigned")
	older := flag.String("older", "", "file of an older checkpoint of the log")
	digest := flag.String("entry", "", "hex of an entry that must stand in it")
	flag.Parse()
	log.SetFlags(0)

	prefix := tiles(*url)
	key, err := note.NewVerifier(*vkey)
	must(err)
	keys := []note.Verifier{key}
	seen := &witness{}
	if *cosigner != "" {
		seen = newWitness(*cosigner)
		keys = append(keys, seen)
	}
	signed, err := prefix.fetch("checkpoint")
	must(err)
	tree := open(signed, key.Name(), keys...)

	hashes := tlog.TileHashReader(tree, prefix) // which believes no tile that does not hash up to the tree's root
	entries, index := prefix.entries(tree.N), int64(-1)
	if int64(len(entries)) != tree.N {
		log.Fatalf("%d entries are served of %d", len(entries), tree.N)
	}
	wanted := make([]int64, tree.N)
	for n := range wanted {
		wanted[n] = tlog.StoredHashIndex(0, int64(n))
	}
	leaves, err := hashes.ReadHashes(wanted)
	must(err)
	for n, entry := range entries {
		if leaves[n] != tlog.RecordHash(entry) {
			log.Fatalf("entry %d is not the one that the tree holds", n)
		}
		if hex.EncodeToString(entry) == *digest {
			index = int64(n)
		}
	}
	if *digest != "" {
		if index < 0 {
			log.Fatal("the entry stands nowhere in the log")
		}
		proof, err := tlog.ProveRecord(tree.N, index, hashes)
		must(err)
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entries[index])))
	}
	from := int64(0)
	if *older != "" {
		data, err := os.ReadFile(*older)
		must(err)
		before := open(data, key.Name(), key)
		proof, err := tlog.ProveTree(tree.N, before.N, hashes)
		must(err)
		must(tlog.CheckTree(proof, tree.N, tree.Hash, before.N, before.Hash))
		from = before.N
	}
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"origin": key.Name(), "size": tree.N, "index": index, "from": from, "cosigned": seen.time,
	}))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
