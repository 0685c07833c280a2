using System.Buffers.Binary;

namespace Coco.Traversal.Stun;

/// <summary>Answers to another port of who asks (RFC 5780 §7.5), which show the asker whether its NAT still has a mapping there.</summary>
internal static partial class StunServer
{
    /// <summary>
    /// Answers a request with RESPONSE-PORT. Only the port is the asker's to choose, never the host; and the answer is no longer than the
    /// request, which has to be padded for it: who sends to one port as much as it makes us send to the other gains nothing.
    /// </summary>
    /// <returns>False for all else, and when the answer would be longer: <see cref="TryAnswer"/> refuses that as an attribute that it does not know.</returns>
    public static bool TryAnswerToPort(ReadOnlySpan<byte> request, in NetworkAddress source, Span<byte> answer, out int length, out NetworkAddress to)
    {
        (length, to) = (0, default);
        if (!source.IsSendable || !StunMessage.TryParse(request, out var message) || !message.HasMagicCookie) { return false; }
        if (message.Class is not StunClass.Request || message.Method != StunMessage.BindingMethod) { return false; }
        // §7.5: two bytes of port, two of padding that the attribute's length may count.
        if (!message.TryFind(StunAttributeType.ResponsePort, out var value) || value.Length is not (2 or 4)) { return false; }
        var port = BinaryPrimitives.ReadUInt16BigEndian(value);
        var hasFingerprint = message.HasFingerprint(out var isRight);
        if (port == 0 || !isRight || HasOtherToUnderstand(message)) { return false; }

        length = Answer(message, source, default, StunChange.None, hasFingerprint, answer);
        if (length > request.Length) { return false; }
        to = source.WithPort(port);
        return true;
    }

    private static bool HasOtherToUnderstand(in StunMessage message)
    {
        foreach (var attribute in message)
        {
            if (attribute.Type != StunAttributeType.ResponsePort && StunAttributeType.IsComprehensionRequired(attribute.Type)) { return true; }
        }
        return false;
    }
}
