using Coco.Mqtt.Bus;
using Coco.Mqtt.Sessions;
using Coco.Mqtt.Storing;

namespace Coco.Mqtt.Hosting;

/// <summary>A node's topics and the sessions that use them. Realms of one edge share its sockets and nothing else.</summary>
/// <param name="Node">The node; null for the edge by itself.</param>
/// <param name="Broker">Its broker.</param>
/// <param name="Log">What it keeps in the store; null where there is none.</param>
/// <param name="Bus">What connects it with other edges.</param>
internal sealed record EdgeRealm(Node? Node, Broker Broker, StoreSessionLog? Log, ITopicBus Bus);
