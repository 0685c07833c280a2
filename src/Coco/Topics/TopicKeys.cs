using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Coco.Crypto;
using Coco.Topics.Core;

namespace Coco.Topics;

/// <summary>
/// Keys of restricted topics. Who may read and write is a list that an owner's or admin's node has published, as the value of a topic of its own, with the key sealed to
/// each of them; the newest list of a filter counts. Others pass on, and keep, what they cannot open.
/// <code>
/// list    = version u8 (1) ‖ key id u64 ‖ count v ‖ count × ( NodeId ‖ sealed box of the key (80) )      the value of $coco/keys/FILTER, written in hexadecimal
/// message = key id u64 ‖ nonce (12) ‖ ChaCha20-Poly1305( key; nonce; data; associated: topic in UTF-8 ) ‖ tag (16)
/// </code>
/// </summary>
internal sealed class TopicKeys(NodeId self, IdentityKey identity, TopicOptions options)
{
    public const string Prefix = "$coco/keys/";
    public const int Overhead = sizeof(ulong) + NonceLength + TagLength;

    private const byte Version = 1;
    private const int KeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int BoxLength = KeyLength + SealedBox.Overhead;
    private const int EntryLength = NodeId.Size + BoxLength;

    private readonly Dictionary<string, TopicKeyList> _lists = new(StringComparer.Ordinal);

    /// <summary>Whether any topic is restricted.</summary>
    public bool HasAny => _lists.Count > 0;

    /// <summary>The lists known now.</summary>
    public IEnumerable<TopicKeyList> Lists => _lists.Values;

    /// <summary>The topic whose value is the list of a filter.</summary>
    public static string TopicOf(string filter) => Prefix + Convert.ToHexStringLower(Encoding.UTF8.GetBytes(filter));

    /// <summary>A new key, sealed to each who is to have it; all of them are identities one can encrypt to.</summary>
    public static byte[] MakeList(IReadOnlyCollection<NodeId> members)
    {
        var key = RandomNumberGenerator.GetBytes(KeyLength);
        var list = new Outbox();
        list.AppendByte(Version);
        list.AppendUInt64(BinaryPrimitives.ReadUInt64BigEndian(RandomNumberGenerator.GetBytes(sizeof(ulong))));
        list.AppendVarInt((ulong)members.Count);
        var box = new byte[BoxLength];
        foreach (var member in members)
        {
            SealedBox.Seal(member, key, box);
            list.AppendNode(member);
            list.AppendBytes(box);
        }
        CryptographicOperations.ZeroMemory(key);
        return list.Take().ToArray();
    }

    /// <summary>Takes a list that an owner's or admin's node has published; an empty one lifts the restriction.</summary>
    public void Handle(string topic, NodeId author, DateTimeOffset time, ReadOnlySpan<byte> data)
    {
        if (!TryReadFilter(topic, out var filter)) { return; }
        var former = _lists.GetValueOrDefault(filter);
        if (former is not null && time < former.Time) { return; }
        if (data.IsEmpty) { _lists.Remove(filter); }
        else if ((former is not null || _lists.Count < options.MaxRestricted) && TryRead(filter, author, time, data, former, out var list)) { _lists[filter] = list; }
    }

    /// <summary>The restriction a topic is under; null where there is none. Of several the longest filter counts.</summary>
    public TopicKeyList? Find(string topic)
    {
        TopicKeyList? found = null;
        foreach (var list in _lists.Values)
        {
            if (!TopicFilter.Matches(list.Filter, topic)) { continue; }
            if (found is null || (list.Filter.Length - found.Filter.Length is var more && (more > 0 || (more == 0 && string.CompareOrdinal(list.Filter, found.Filter) > 0)))) { found = list; }
        }
        return found;
    }

    public static byte[] Encrypt(TopicKeyList list, string topic, ReadOnlySpan<byte> data)
    {
        var message = new byte[Overhead + data.Length];
        BinaryPrimitives.WriteUInt64BigEndian(message, list.KeyId);
        var nonce = message.AsSpan(sizeof(ulong), NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aead = new ChaCha20Poly1305(list.Keys[list.KeyId]);
        aead.Encrypt(nonce, data, message.AsSpan(sizeof(ulong) + NonceLength, data.Length), message.AsSpan(message.Length - TagLength), Encoding.UTF8.GetBytes(topic));
        return message;
    }

    /// <summary>Opens a message. False where this node may not read it, or it was not made by one who may write.</summary>
    public static bool TryDecrypt(TopicKeyList list, string topic, NodeId publisher, ReadOnlySpan<byte> message, [NotNullWhen(true)] out byte[]? data)
    {
        data = null;
        if (message.Length < Overhead || !list.Members.Contains(publisher) || !list.Keys.TryGetValue(BinaryPrimitives.ReadUInt64BigEndian(message), out var key)) { return false; }
        var opened = new byte[message.Length - Overhead];
        using var aead = new ChaCha20Poly1305(key);
        try
        {
            aead.Decrypt(message.Slice(sizeof(ulong), NonceLength), message[(sizeof(ulong) + NonceLength)..^TagLength], message[^TagLength..], opened, Encoding.UTF8.GetBytes(topic));
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        data = opened;
        return true;
    }

    private bool TryRead(string filter, NodeId author, DateTimeOffset time, ReadOnlySpan<byte> data, TopicKeyList? former, [NotNullWhen(true)] out TopicKeyList? list)
    {
        list = null;
        var reader = new Quic.Packets.SpanReader(data);
        if (!reader.TryReadByte(out var version) || version != Version || !reader.TryReadUInt64(out var keyId) || !reader.TryReadVarInt(out var count)) { return false; }
        if (count > (ulong)options.MaxRestrictedMembers || count * EntryLength > (ulong)reader.RemainingLength) { return false; }
        var members = new HashSet<NodeId>();
        // Messages from before a change can still be read by those who could then.
        var keys = former is null ? [] : new Dictionary<ulong, byte[]>(former.Keys.TakeLast(options.MaxFormerKeys));
        for (var i = 0ul; i < count; i++)
        {
            reader.TryReadBytes(NodeId.Size, out var member);
            reader.TryReadBytes(BoxLength, out var box);
            members.Add(NodeId.Read(member));
            if (NodeId.Read(member) != self) { continue; }
            var key = new byte[KeyLength];
            if (SealedBox.TryOpen(identity, box, key)) { keys[keyId] = key; }
        }
        list = new(filter, author, time, keyId, members, keys);
        return true;
    }

    private bool TryReadFilter(string topic, [NotNullWhen(true)] out string? filter)
    {
        filter = null;
        if (!topic.StartsWith(Prefix, StringComparison.Ordinal) || topic.Length > Prefix.Length + (options.MaxTopicLength * 2)) { return false; }
        var hex = topic.AsSpan(Prefix.Length);
        var bytes = new byte[hex.Length / 2];
        if (hex.Length % 2 != 0 || Convert.FromHexString(hex, bytes, out _, out _) != System.Buffers.OperationStatus.Done) { return false; }
        var text = System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : "";
        if (!TopicFilter.IsValid(text)) { return false; }
        filter = text;
        return true;
    }
}
