namespace Coco.Quic.Parameters;

/// <summary>
/// Identifiers of transport parameters (RFC 9000 §18.2, RFC 9221 §3, draft-ietf-quic-ack-frequency-14 §3, ours).
/// </summary>
internal enum TransportParameterId : ulong
{
    OriginalDestinationConnectionId = 0x00,
    MaxIdleTimeout = 0x01,
    StatelessResetToken = 0x02,
    MaxUdpPayloadSize = 0x03,
    InitialMaxData = 0x04,
    InitialMaxStreamDataBidiLocal = 0x05,
    InitialMaxStreamDataBidiRemote = 0x06,
    InitialMaxStreamDataUni = 0x07,
    InitialMaxStreamsBidi = 0x08,
    InitialMaxStreamsUni = 0x09,
    AckDelayExponent = 0x0a,
    MaxAckDelay = 0x0b,
    DisableActiveMigration = 0x0c,
    PreferredAddress = 0x0d,
    ActiveConnectionIdLimit = 0x0e,
    InitialSourceConnectionId = 0x0f,
    RetrySourceConnectionId = 0x10,
    MaxDatagramFrameSize = 0x20,
    MinAckDelay = 0xff04de1b,

    /// <summary>
    /// coco_migration, with an empty value: its sender lets either side start a migration. Drawn at random from the provisional
    /// space (RFC 9000 §22.1.2), and not of the form 31 N + 27 that peers send to be ignored.
    /// </summary>
    CocoMigration = 0x0c0c_6f9b_41d2_7e35,
}
