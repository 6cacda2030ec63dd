package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestDialogueDecodes records a session on the wire and compares what tshark
// makes of it with what the report shows: welcome, USER, PASS, PWD, CWD, MKD,
// RMD, DELE, STOR with data, RETR (MISSION A19).
func TestDialogueDecodes(t *testing.T) {
	tshark := peer(t, "tshark")
	needRoot(t)
	root, local := t.TempDir(), t.TempDir()
	data := strconv.Itoa(freePort(t))
	addr := ferryServe(t, root, "--passive-ports", data+"-"+data)
	_, port, _ := strings.Cut(addr, ":")
	capture := filepath.Join(local, "session.pcapng")
	// Only this server's ports: others are busy on loopback, too.
	record := exec.Command(tshark, "-q", "-i", "lo", "-f", "tcp port "+port+" or tcp port "+data, "-w", capture)
	errs, err := record.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := record.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = record.Process.Kill(); _ = record.Wait() })
	awaitCapture(t, bufio.NewScanner(errs))

	writeFile(t, filepath.Join(local, "report.txt"), "the data of the report\n")
	mustRun(t, strings.Join([]string{
		"open ftp://demo@" + addr, fmt.Sprintf("lcd %q", local), "set atomic off",
		"pwd", "mkdir work", "cd work", "put report.txt", "get report.txt copy.txt", "delete report.txt", "cdup", "rmdir work", "quit",
	}, "\n"))
	decode := func() string {
		// The capture may end within a packet while it is written: that is no failure.
		out, _ := command(t, tshark, "-r", capture, "-d", "tcp.port=="+port+",ftp", "-Y", "ftp && tcp.port=="+port,
			"-T", "fields", "-e", "ftp.request.command", "-e", "ftp.request.arg", "-e", "ftp.response.code").Output()
		return string(out)
	}
	waitFor(t, "the end of the session in the capture", func() bool { return strings.Contains(decode(), "\t221") })
	_ = record.Process.Signal(os.Interrupt)
	_ = record.Wait()

	out := decode()
	dialogue := pair(out)
	for command, code := range map[string]string{
		"": "220", "USER": "331", "PASS": "230", "PWD": "257", "MKD": "257", "CWD": "250",
		"ALLO": "200", "RETR": "150", "DELE": "250", "RMD": "250", "QUIT": "221",
	} {
		if got := dialogue[command]; !strings.HasPrefix(got, code) {
			t.Errorf("%q was answered by %q, want %s\n%s", command, got, code, out)
		}
	}
	// Of several commands or replies in one segment only the first is shown.
	bytes := output(t, command(t, tshark, "-r", capture, "-Y", "tcp.port=="+port, "-T", "fields", "-e", "tcp.payload"))
	for text, want := range map[string]int{"STOR report.txt\r\n": 1, "150 Opening data connection": 2, "226 Transfer complete": 2} {
		if n := strings.Count(strings.ReplaceAll(bytes, ":", ""), hex.EncodeToString([]byte(text))); n != want {
			t.Errorf("%q came by %d times, want %d", text, n, want)
		}
	}
	text := output(t, command(t, tshark, "-r", capture, "-Y", "tcp.payload contains \"the data of the report\"", "-T", "fields", "-e", "tcp.len"))
	if n := len(strings.Fields(text)); n < 2 {
		t.Errorf("the file's text was seen %d times on the wire, want once up and once down", n)
	}
}

// pair joins each command with the codes that answered it.
func pair(fields string) map[string]string {
	dialogue, last := map[string]string{}, ""
	for _, line := range strings.Split(fields, "\n") {
		column := strings.Split(line, "\t")
		if len(column) != 3 {
			continue
		}
		if column[0] != "" {
			last = column[0]
		}
		if column[2] != "" {
			dialogue[last] = strings.TrimSpace(dialogue[last] + " " + strings.ReplaceAll(column[2], ",", " "))
		}
	}
	return dialogue
}

// awaitCapture returns when tshark has said that it captures.
func awaitCapture(t *testing.T, lines *bufio.Scanner) {
	t.Helper()
	ready := make(chan bool, 1)
	go func() {
		for lines.Scan() {
			if strings.Contains(lines.Text(), "Capturing on") {
				ready <- true
			}
		}
	}()
	select {
	case <-ready:
		// It says so a moment before it does: probe connections tell.
		for range 20 {
			nc, err := net.Dial("tcp", "127.0.0.1:9")
			if err == nil {
				nc.Close()
			}
			time.Sleep(50 * time.Millisecond)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("tshark does not capture")
	}
}
