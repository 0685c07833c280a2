using System.Buffers.Binary;
using Coco.Quic.Tls;

namespace Coco.Quic.Tests.Tls;

/// <summary>A handshake message taken apart by its extensions, so that a test can change one and put it together again.</summary>
internal sealed class EditableMessage
{
    private EditableMessage(byte type, byte[] head) => (Type, Head) = (type, head);

    public byte Type { get; set; }

    /// <summary>The body before the extensions.</summary>
    public byte[] Head { get; set; }

    public List<(ushort Type, byte[] Data)> Extensions { get; } = [];

    public bool HasExtensions { get; set; } = true;

    public byte[] this[ExtensionType type]
    {
        get => Extensions.Single(extension => extension.Type == (ushort)type).Data;
        set
        {
            var at = Extensions.FindIndex(extension => extension.Type == (ushort)type);
            if (at < 0) { Extensions.Add(((ushort)type, value)); }
            else { Extensions[at] = ((ushort)type, value); }
        }
    }

    public void Remove(ExtensionType type) => Extensions.RemoveAll(extension => extension.Type == (ushort)type);

    /// <summary>Edits the first message of <paramref name="type"/> among those in <paramref name="flight"/>.</summary>
    public static byte[] Edit(byte[] flight, HandshakeType type, Action<EditableMessage> edit)
    {
        var messages = Split(flight);
        var at = messages.FindIndex(message => message[0] == (byte)type);
        if (at < 0) { return flight; }
        var editable = Parse(messages[at]);
        edit(editable);
        messages[at] = editable.ToArray();
        return messages.SelectMany(message => message).ToArray();
    }

    public static List<byte[]> Split(byte[] flight)
    {
        var messages = new List<byte[]>();
        for (var at = 0; at < flight.Length;)
        {
            var length = 4 + (flight[at + 1] << 16) + (flight[at + 2] << 8) + flight[at + 3];
            messages.Add(flight[at..(at + length)]);
            at += length;
        }

        return messages;
    }

    public static byte[] Message(HandshakeType type, params byte[] body) =>
        [(byte)type, (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length, .. body];

    public static EditableMessage Parse(byte[] message)
    {
        var body = message[4..];
        var headLength = (HandshakeType)message[0] switch
        {
            HandshakeType.ClientHello => ClientHelloHead(body),
            HandshakeType.ServerHello => 2 + 32 + 1 + body[34] + 3,
            HandshakeType.EncryptedExtensions => 0,
            HandshakeType.CertificateRequest => 1 + body[0],
            _ => body.Length,
        };
        var editable = new EditableMessage(message[0], body[..headLength]) { HasExtensions = headLength < body.Length };
        for (var at = headLength + 2; at < body.Length;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(at + 2));
            editable.Extensions.Add((BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(at)), body[(at + 4)..(at + 4 + length)]));
            at += 4 + length;
        }

        return editable;
    }

    public byte[] ToArray()
    {
        List<byte> body = [.. Head];
        if (HasExtensions)
        {
            var block = Extensions.SelectMany(
                extension => (byte[])[.. Number(extension.Type), .. Number(extension.Data.Length), .. extension.Data]).ToArray();
            body.AddRange([.. Number(block.Length), .. block]);
        }

        return Message((HandshakeType)Type, [.. body]);
    }

    private static byte[] Number(int value) => [(byte)(value >> 8), (byte)value];

    private static int ClientHelloHead(byte[] body)
    {
        var at = 2 + 32;
        at += 1 + body[at];
        at += 2 + BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(at));
        return at + 1 + body[at];
    }
}
