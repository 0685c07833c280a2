namespace Coco.Mqtt;

/// <summary>What an edge holds and did.</summary>
/// <param name="Clients">Clients that are connected.</param>
/// <param name="Sessions">Sessions, connected or not.</param>
/// <param name="Dropped">Messages that clients were too slow for.</param>
/// <param name="Refused">Programs that were not let in.</param>
public sealed record MqttStatistics(int Clients, int Sessions, long Dropped, long Refused);
