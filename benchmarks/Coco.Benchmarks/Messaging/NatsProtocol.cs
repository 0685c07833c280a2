using System.Buffers.Text;
using System.Text;

namespace Coco.Benchmarks.Messaging;

/// <summary>The protocol of nats-server: core NATS, or JetStream with a stream in a file and consumers that acknowledge each message.</summary>
internal sealed class NatsProtocol(bool isDurable) : IRawProtocol
{
    private const string Acknowledgements = "acks"; // the subject on which the server says that it has stored a message

    public bool IsAcknowledged => isDurable;

    public RawConnection Connect(int port, string name)
    {
        var connection = new RawConnection(port);
        Send(connection, "CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"raw\",\"version\":\"1\"}\r\n");
        if (isDurable && name.StartsWith("publisher", StringComparison.Ordinal))
        {
            if (name is "publisher0") { Ask(connection, "STREAM.CREATE.bench", $$"""{"name":"bench","subjects":["{{Payload.Topic}}"],"storage":"file","retention":"limits","max_msgs":-1,"max_bytes":-1}"""); }
            Send(connection, $"SUB {Acknowledgements}.{name} 1\r\n");
        }
        Settle(connection);
        return connection;
    }

    public void Subscribe(RawConnection connection, int number)
    {
        if (!isDurable)
        {
            Send(connection, $"SUB {Payload.Topic} 1\r\n");
            Settle(connection);
            return;
        }
        Send(connection, $"SUB deliver.{number} 1\r\n");
        Ask(connection, $"CONSUMER.DURABLE.CREATE.bench.c{number}", $$"""{"stream_name":"bench","config":{"durable_name":"c{{number}}","deliver_subject":"deliver.{{number}}","deliver_policy":"new","ack_policy":"explicit","max_ack_pending":65536} }""");
    }

    public byte[] Frame(ReadOnlySpan<byte> payload, string name, out int payloadAt)
    {
        var replyTo = isDurable ? $"{Acknowledgements}.{name} " : "";
        var head = Encoding.ASCII.GetBytes($"PUB {Payload.Topic} {replyTo}{payload.Length}\r\n");
        payloadAt = head.Length;
        return [.. head, .. payload, (byte)'\r', (byte)'\n'];
    }

    public void Number(Span<byte> frame, long sequence)
    {
        // Messages have no numbers.
    }

    public int Read(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> payload, out bool isAcknowledgement, List<byte> answers)
    {
        payload = default;
        isAcknowledgement = false;
        var end = bytes.IndexOf((byte)'\n');
        if (end < 0) { return 0; }
        var line = bytes[..end].TrimEnd((byte)'\r');
        if (!line.StartsWith("MSG "u8))
        {
            if (line.StartsWith("PING"u8)) { answers.AddRange("PONG\r\n"u8); }
            if (line.StartsWith("-ERR"u8)) { throw new InvalidOperationException($"nats-server: {Encoding.ASCII.GetString(line)}"); }
            return end + 1;
        }
        // MSG subject sid [reply-to] length
        var last = line.LastIndexOf((byte)' ');
        if (!Utf8Parser.TryParse(line[(last + 1)..], out int length, out _)) { throw new InvalidOperationException($"no length in {Encoding.ASCII.GetString(line)}"); }
        if (bytes.Length < end + 1 + length + 2) { return 0; }
        var subject = line[4..];
        if (isDurable && subject.StartsWith("acks."u8))
        {
            // {"stream":"bench", "seq":7}; an error has no number
            isAcknowledgement = bytes.Slice(end + 1, length).IndexOf("\"seq\""u8) >= 0;
        }
        else { payload = bytes.Slice(end + 1, length); }
        if (isDurable && !payload.IsEmpty)
        {
            var reply = line[..last];
            reply = reply[(reply.LastIndexOf((byte)' ') + 1)..];
            answers.AddRange("PUB "u8);
            answers.AddRange(reply);
            answers.AddRange(" 4\r\n+ACK\r\n"u8);
        }
        return end + 1 + length + 2;
    }

    private static void Ask(RawConnection connection, string what, string json)
    {
        Send(connection, $"SUB answer 9\r\nUNSUB 9 1\r\nPUB $JS.API.{what} answer {json.Length}\r\n{json}\r\n");
        var answer = Await(connection, "\r\n}\r\n", "}\r\n");
        if (answer.Contains("\"error\"", StringComparison.Ordinal)) { throw new InvalidOperationException($"nats-server: {answer}"); }
    }

    private static void Settle(RawConnection connection)
    {
        Send(connection, "PING\r\n");
        Await(connection, "PONG\r\n");
    }

    // Before messages flow: what has come ends with the text.
    private static string Await(RawConnection connection, params string[] ends)
    {
        while (true)
        {
            var text = Encoding.ASCII.GetString(connection.Received);
            if (ends.Any(end => text.EndsWith(end, StringComparison.Ordinal)) && (ends is ["PONG\r\n"] || text.Contains("MSG answer", StringComparison.Ordinal)))
            {
                connection.Take(text.Length);
                return text;
            }
            if (!connection.Receive()) { throw new InvalidOperationException($"nats-server has closed the connection: {text}"); }
        }
    }

    private static void Send(RawConnection connection, string text) => connection.Send(Encoding.ASCII.GetBytes(text));
}
