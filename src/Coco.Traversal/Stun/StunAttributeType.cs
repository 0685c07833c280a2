namespace Coco.Traversal.Stun;

/// <summary>Attributes by number (RFC 8489 §18.3, RFC 5780 §9.1, RFC 3489 §11.2).</summary>
internal static class StunAttributeType
{
    public const ushort MappedAddress = 0x0001;
    public const ushort ChangeRequest = 0x0003;
    public const ushort SourceAddress = 0x0004; // RFC 3489 only
    public const ushort ChangedAddress = 0x0005; // RFC 3489 only
    public const ushort Username = 0x0006;
    public const ushort MessageIntegrity = 0x0008;
    public const ushort ErrorCode = 0x0009;
    public const ushort UnknownAttributes = 0x000A;
    public const ushort Realm = 0x0014;
    public const ushort Nonce = 0x0015;
    public const ushort MessageIntegritySha256 = 0x001C;
    public const ushort PasswordAlgorithm = 0x001D;
    public const ushort UserHash = 0x001E;
    public const ushort XorMappedAddress = 0x0020;
    public const ushort ResponsePort = 0x0027;
    public const ushort Software = 0x8022;
    public const ushort Fingerprint = 0x8028;
    public const ushort ResponseOrigin = 0x802B;
    public const ushort OtherAddress = 0x802C;

    /// <summary>RFC 8489 §14: the lower half must be understood by whoever receives it.</summary>
    public static bool IsComprehensionRequired(ushort type) => type < 0x8000;

    /// <summary>Of those that must be understood, the ones this code knows, if only to ignore them: it asks nobody for credentials.</summary>
    public static bool IsKnown(ushort type) => type is MappedAddress or ChangeRequest or Username or MessageIntegrity or ErrorCode
        or UnknownAttributes or Realm or Nonce or MessageIntegritySha256 or PasswordAlgorithm or UserHash or XorMappedAddress;
}
