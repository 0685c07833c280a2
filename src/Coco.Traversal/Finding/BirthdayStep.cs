namespace Coco.Traversal.Finding;

/// <summary>What a <see cref="BirthdayMessage"/> says. The numbers are on the wire.</summary>
internal enum BirthdayStep : byte
{
    /// <summary>The controlling side would like to try.</summary>
    Request = 1,

    /// <summary>The controlled side, which is to probe, agrees: open your sockets.</summary>
    Consent = 2,

    /// <summary>The sockets are open and have sent their first packets: probe.</summary>
    Ready = 3,

    /// <summary>Not now.</summary>
    Refuse = 4,

    /// <summary>It is over, with success or without.</summary>
    Stop = 5,
}
