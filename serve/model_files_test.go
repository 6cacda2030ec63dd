package serve

import (
	"strconv"
	"strings"
)

// The half of the machine that is about files.

func above(path string) string {
	i := strings.LastIndex(path, "/")
	if i == 0 {
		return "/"
	}
	return path[:i]
}

// tree are the commands on names.
func (m *machine) tree(verb, at string) int {
	content, file := m.files[at]
	dir := m.dirs[at]
	switch verb {
	case "CDUP":
		return m.tree("CWD", above(m.cwd))
	case "CWD":
		if !dir {
			return 550
		}
		m.cwd = at
		return 250
	case "SIZE":
		return m.size(at, content, file, dir)
	case "MDTM":
		if file {
			return 213
		}
	case "RNFR":
		if file || dir {
			m.from = at
			return 350
		}
	case "DELE":
		if file {
			delete(m.files, at)
			return 250
		}
	case "MKD":
		switch {
		case file || dir:
			return 521
		case m.dirs[above(at)]:
			m.dirs[at] = true
			return 257
		}
	case "RMD":
		if dir && at != "/" && m.empty(at) {
			delete(m.dirs, at)
			for id := range m.parts {
				if above(id[0]) == at {
					delete(m.parts, id)
				}
			}
			return 250
		}
	}
	return 550
}

// size: where bytes travel as they are, a part counts while no file has its
// name; else the file is counted, if it can be sent so.
func (m *machine) size(at, content string, file, dir bool) int {
	_, part := m.parts[[2]string{at, m.user}]
	plain := (m.typ == "I" || m.typ == "L") && m.stru == "F"
	switch {
	case file && (m.stru != "P" || len(content) <= 256*255), part && !file && !dir && plain:
		return 213
	}
	return 550
}

// told is what SIZE counts: the file, or the part that stands for it.
func (m *machine) told(at string) string {
	if content, file := m.files[at]; file {
		return content
	}
	return m.parts[[2]string{at, m.user}]
}

func (m *machine) empty(dir string) bool {
	for name := range m.files {
		if above(name) == dir {
			return false
		}
	}
	for name := range m.dirs {
		if name != "/" && above(name) == dir {
			return false
		}
	}
	return true
}

// rename is RNTO. A file gives way to a file; nothing gives way to or for a
// directory.
func (m *machine) rename(from, to string) int {
	_, file := m.files[to]
	switch {
	case from == "":
		return 503
	case !m.dirs[above(to)], from == "/", to == "/":
		return 550
	case strings.HasPrefix(to, from+"/"):
		return 553
	case from == to:
		return 250
	case m.dirs[to], m.dirs[from] && file:
		return 553
	}
	if m.dirs[from] {
		m.moveDir(from, to)
		return 250
	}
	m.files[to] = m.files[from]
	delete(m.files, from)
	return 250
}

func (m *machine) moveDir(from, to string) {
	files, dirs, parts := map[string]string{}, map[string]bool{}, map[[2]string]string{}
	moved := func(name string) string {
		if name == from || strings.HasPrefix(name, from+"/") {
			return to + name[len(from):]
		}
		return name
	}
	for name, content := range m.files {
		files[moved(name)] = content
	}
	for name := range m.dirs {
		dirs[moved(name)] = true
	}
	for id, content := range m.parts {
		parts[[2]string{moved(id[0]), id[1]}] = content
	}
	m.files, m.dirs, m.parts = files, dirs, parts
}

// transfer are the commands with a data connection.
func (m *machine) transfer(verb, arg string, rest int, st step) []int {
	met := m.meet
	m.meet = nowhere
	at := m.at(arg)
	if verb == "STOU" {
		at, rest = m.unique(arg), 0
	}
	if code := m.unwilling(verb, at, rest); code != 0 {
		return []int{code}
	}
	switch {
	case met == nowhere && m.epsvAll:
		m.keep(verb, at, rest, "")
		return []int{425}
	case met == nowhere, st.play == nobody, st.play == abortEarly && met == waiting:
		m.keep(verb, at, rest, "")
		if st.play != abortEarly {
			return []int{150, 425}
		}
		if met == nowhere {
			return []int{150, 425, 226}
		}
		return []int{150, 426, 226}
	}
	if verb == "STOR" || verb == "APPE" || verb == "STOU" {
		return m.upload(verb, at, rest, st)
	}
	return m.download(verb, at, rest, st)
}

// unique stands for a name that STOU makes up: nobody asks for it again.
func (m *machine) unique(arg string) string {
	if arg == "" {
		arg = "file"
	}
	m.stored++
	return m.at(arg) + " " + strconv.Itoa(m.stored)
}

func (m *machine) belowFile(at string) bool {
	for at != "/" {
		at = above(at)
		if _, file := m.files[at]; file {
			return true
		}
	}
	return false
}

// unwilling is the code of a transfer that can't begin, 0 for none.
func (m *machine) unwilling(verb, at string, rest int) int {
	content, file := m.files[at]
	part, hasPart := m.parts[[2]string{at, m.user}]
	dir := m.dirs[at]
	plain := (m.typ == "I" || m.typ == "L") && m.stru == "F"
	counted := m.mode == "S" || m.mode == "Z"
	switch {
	case verb == "MLSD" && file:
		return 501
	case verb == "MLSD" && !dir, !dir && !file && (verb == "LIST" || verb == "NLST"):
		return 550
	case verb == "LIST", verb == "NLST", verb == "MLSD":
		return 0
	case rest > 0 && counted && !plain:
		return 504
	case verb == "APPE" && rest > 0 && !dir && !m.belowFile(at) && !m.dirs[above(at)]:
		return 554
	case dir, !m.dirs[above(at)], verb == "RETR" && !file:
		return 550
	case rest == 0:
		return 0
	case !file && hasPart && verb != "RETR":
		content = part
	}
	if rest > len(content) || verb == "APPE" && (rest != len(content) || !file && !hasPart) {
		return 554
	}
	return 0
}

// upload: the content that is committed, or the half that is kept.
func (m *machine) upload(verb, at string, rest int, st step) []int {
	half := st.data[:len(st.data)/2]
	during := st.during()
	switch st.play {
	case abort:
		m.keep(verb, at, rest, half)
		return append(append([]int{150}, during...), 426, 226)
	case abortEarly:
		m.keep(verb, at, rest, "")
		return []int{150, 426, 226}
	case cutOff:
		m.keep(verb, at, rest, half)
		return append(append([]int{150}, during...), 426)
	}
	_, file := m.files[at]
	m.files[at] = m.joined(verb, at, rest, st.data)
	if !file || verb == "STOR" && rest == 0 {
		delete(m.parts, [2]string{at, m.user})
	}
	if st.play == quit {
		m.over = true
		return append(append([]int{150}, during...), 221, 226, closed)
	}
	return append(append([]int{150}, during...), 226)
}

// joined is what a file is after data was written to it.
func (m *machine) joined(verb, at string, rest int, data string) string {
	old, file := m.files[at]
	if !file {
		old = m.parts[[2]string{at, m.user}]
	}
	switch {
	case verb == "APPE":
		rest = len(old)
	case rest == 0:
		return data
	}
	whole := old[:rest] + data
	if file && len(old) > len(whole) { // written in place
		whole += old[len(whole):]
	}
	return whole
}

// keep is the end of an upload that broke.
func (m *machine) keep(verb, at string, rest int, half string) {
	if verb != "STOR" && verb != "APPE" {
		return
	}
	_, file := m.files[at]
	goesOn := verb == "APPE" || rest > 0
	switch whole := m.joined(verb, at, rest, half); {
	case file && goesOn:
		m.files[at] = whole
	case whole != "":
		m.parts[[2]string{at, m.user}] = whole
	}
}

// download: what is small is sent and told before anything else is heard.
func (m *machine) download(verb, at string, rest int, st step) []int {
	running := verb == "RETR" && len(m.files[at])-rest > bigFile/2 ||
		st.play == abortEarly && m.prot == "P" // the handshake has not come to its end
	during := st.during()
	ends := map[play][]int{abort: {226}, abortEarly: {226}, quit: {221, closed}}[st.play]
	if st.play == quit {
		m.over = true
	}
	if st.play == abortEarly {
		during = nil
	}
	if !running {
		return append(append([]int{150, 226}, during...), ends...)
	}
	codes := append([]int{150}, during...)
	switch st.play {
	case abort, abortEarly:
		return append(codes, 426, 226)
	case cutOff:
		return append(codes, 426)
	case quit:
		return append(codes, 221, 226, closed)
	}
	return append(codes, 226)
}
