using Microsoft.Extensions.Logging;

namespace Coco.Traversal.Stun;

/// <summary>Messages about address discovery: 1140 to 1149.</summary>
internal static partial class StunLog
{
    [LoggerMessage(1140, LogLevel.Information, "{Family}: no observer answers, UDP seems blocked ({Count} asked)")]
    public static partial void UdpBlocked(this ILogger logger, string family, int count);

    [LoggerMessage(1141, LogLevel.Information, "{Family}: outer address is {Mapped} now, was {Before}")]
    public static partial void MappedAddressChanged(this ILogger logger, string family, NetworkAddress mapped, NetworkAddress before);

    [LoggerMessage(1143, LogLevel.Information, "{Family}: outer address is {Mapped}")]
    public static partial void MappedAddressFound(this ILogger logger, string family, NetworkAddress mapped);

    [LoggerMessage(1142, LogLevel.Debug, "{Family}: mapping {Mapping}, filtering {Filtering}, hairpin {Hairpin}, {Rebindings} rebindings")]
    public static partial void Classified(this ILogger logger, string family, NatMapping mapping, NatFiltering filtering, NatHairpin hairpin, int rebindings);
}
