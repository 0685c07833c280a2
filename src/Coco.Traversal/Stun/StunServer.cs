using System.Buffers.Binary;

namespace Coco.Traversal.Stun;

/// <summary>
/// Answers Binding requests (RFC 8489 §6.3) and those of RFC 5780 about NATs, from nothing but the request: it remembers nobody.
/// Whoever sends under a false address makes us send to its owner, so an answer is never longer than three times the request, what is
/// less needed being left out; <see cref="StunRateLimit"/> bounds how many there are.
/// </summary>
internal static partial class StunServer
{
    public const int MaxAnswerLength = 160;

    // We chose: as QUIC does (RFC 9000 §8.1). The shortest request has 20 bytes, its IPv4 answer with all addresses 56.
    private const int MaxAmplification = 3;
    private const int MaxUnknownAttributes = 8;
    private const int UnknownAttributeCode = 420; // RFC 8489 §14.8

    /// <param name="request">The datagram.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="own">Where it arrived.</param>
    /// <param name="answer">At least <see cref="MaxAnswerLength"/> bytes to write into.</param>
    /// <param name="length">How many were written.</param>
    /// <param name="replyFrom">From where the answer has to be sent.</param>
    /// <returns>False when nothing is to be sent.</returns>
    public static bool TryAnswer(
        ReadOnlySpan<byte> request, in NetworkAddress source, in StunServerAddresses own, Span<byte> answer, out int length, out StunChange replyFrom)
    {
        (length, replyFrom) = (0, StunChange.None);
        // §6.3: messages that make no sense, of unknown methods, and indications are passed over in silence.
        if (!source.IsSendable || !StunMessage.TryParse(request, out var message)) { return false; }
        if (message.Class is not StunClass.Request || message.Method != StunMessage.BindingMethod) { return false; }
        var hasFingerprint = message.HasFingerprint(out var isRight);
        if (!isRight) { return false; }
        // RFC 3489 knows no IPv6, and no XOR that would carry it.
        if (!message.HasMagicCookie && !source.IsIpv4) { return false; }

        Span<ushort> unknown = stackalloc ushort[MaxUnknownAttributes];
        if (FindUnknown(message, own.Available, unknown, out var change) is > 0 and var count)
        {
            length = Refuse(message, unknown[..count], hasFingerprint, answer);
            return true;
        }
        replyFrom = change;
        length = message.HasMagicCookie
            ? Answer(message, source, own, change, hasFingerprint, answer)
            : AnswerClassic(message, source, own, change, answer);
        return true;
    }

    // A CHANGE-REQUEST for what we do not have counts as unknown (RFC 5780 §6.1). One that asks for nothing is what clients of
    // RFC 3489 always send.
    private static int FindUnknown(in StunMessage message, StunChange available, Span<ushort> unknown, out StunChange change)
    {
        change = message.TryFind(StunAttributeType.ChangeRequest, out var value) && value.Length == 4
            ? (StunChange)BinaryPrimitives.ReadUInt32BigEndian(value) & StunChange.Both
            : StunChange.None;
        var count = 0;
        foreach (var attribute in message)
        {
            var isKnown = attribute.Type == StunAttributeType.ChangeRequest ? (change & ~available) == 0 : StunAttributeType.IsKnown(attribute.Type);
            if (isKnown || !StunAttributeType.IsComprehensionRequired(attribute.Type) || count == unknown.Length) { continue; }
            unknown[count++] = attribute.Type;
        }
        return count;
    }

    private static int Refuse(in StunMessage request, ReadOnlySpan<ushort> unknown, bool withFingerprint, Span<byte> answer)
    {
        var writer = new StunWriter(answer, StunClass.Error, request.CookieAndId);
        writer.AddErrorCode(UnknownAttributeCode, "Unknown Attribute"u8);
        writer.AddUnknownAttributes(unknown);
        if (withFingerprint) { writer.AddFingerprint(); }
        return writer.Length;
    }

    private static int Answer(
        in StunMessage request, in NetworkAddress source, in StunServerAddresses own, StunChange change, bool withFingerprint, Span<byte> answer)
    {
        var writer = new StunWriter(answer, StunClass.Success, request.CookieAndId);
        writer.AddXorMappedAddress(source);
        var room = (MaxAmplification * request.Length) - (withFingerprint ? StunMessage.AttributeHeaderLength + StunFingerprint.Length : 0);
        // OTHER-ADDRESS first: the client knows from where it is answered without RESPONSE-ORIGIN.
        if (own.Available is not StunChange.None) { AddIfItFits(ref writer, StunAttributeType.OtherAddress, own.Other, room); }
        if (own.ReceivedOn.IsSendable) { AddIfItFits(ref writer, StunAttributeType.ResponseOrigin, own.From(change), room); }
        if (withFingerprint) { writer.AddFingerprint(); }
        return writer.Length;
    }

    private static void AddIfItFits(ref StunWriter writer, ushort type, in NetworkAddress address, int room)
    {
        if (writer.Length + StunMessage.AttributeHeaderLength + StunAddress.LengthOf(address) <= room) { writer.AddAddress(type, address); }
    }

    // RFC 3489 §8.1: the same three addresses under older names, none of them mixed. Routers and telephones still ask so.
    private static int AnswerClassic(in StunMessage request, in NetworkAddress source, in StunServerAddresses own, StunChange change, Span<byte> answer)
    {
        var writer = new StunWriter(answer, StunClass.Success, request.CookieAndId);
        writer.AddAddress(StunAttributeType.MappedAddress, source);
        if (own.ReceivedOn.IsSendable && own.ReceivedOn.IsIpv4)
        {
            writer.AddAddress(StunAttributeType.SourceAddress, own.From(change));
            writer.AddAddress(StunAttributeType.ChangedAddress, own.Available is StunChange.None ? own.ReceivedOn : own.Other);
        }
        return writer.Length;
    }
}
