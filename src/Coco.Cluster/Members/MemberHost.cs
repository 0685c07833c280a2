using Coco.Cluster.Graph;
using Coco.Crypto;
using Microsoft.Extensions.Logging;

namespace Coco.Cluster.Members;

/// <summary>What the host lends a member.</summary>
/// <param name="Random">From the system, as it makes keys and secrets.</param>
/// <param name="UnixSeconds">The machine's clock at the start; 0 for none.</param>
/// <param name="IsClockTrusted">Whether the host knows that it is synchronised.</param>
/// <param name="Pool">Shared by the members of one loop.</param>
/// <param name="Logger">Hears what an operator acts on.</param>
internal sealed record MemberHost(RandomSource Random, ulong UnixSeconds, bool IsClockTrusted, AdvertisementPool? Pool = null, ILogger? Logger = null);
